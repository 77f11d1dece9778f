# Read by the scripts beside it: `plumbline` is the program of the checkout in which they lie.
# PLUMBLINE_PROGRAM names another, which tests do.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
plumbline() {
  if [ -n "${PLUMBLINE_PROGRAM:-}" ]; then "$PLUMBLINE_PROGRAM" "$@"; else node "$root/dist/harness/cli/main.js" "$@"; fi
}
