# Read by the scripts beside it: `plumbline` is the program of the checkout in which they lie.
# PLUMBLINE_PROGRAM names another, which tests do.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
# Network namespaces, Docker and sysctls are root's; the runners of GitHub are somebody else's, who may become root.
as_root=()
if [ "$(id -u)" != 0 ] && command -v sudo >/dev/null; then as_root=(sudo --preserve-env env "PATH=$PATH"); fi
plumbline() {
  local program=(node "$root/dist/harness/cli/main.js")
  [ -z "${PLUMBLINE_PROGRAM:-}" ] || program=("$PLUMBLINE_PROGRAM")
  ${as_root[@]+"${as_root[@]}"} "${program[@]}" "$@"
}
# What root has written is read by later steps.
give_back() {
  [ "${#as_root[@]}" -eq 0 ] || sudo chown -R "$(id -u):$(id -g)" "$@" || true
}
