// Shell for the reasons of planted-script.ts. /opt/plumbline/visit on the node says what was there before us, so that
// another process can undo it: networks, the names of host-local's folders; plugins, those of /opt/cni/bin.

/**
 * On the node. $1 folder of ours, $2 folder of plugins, $3 folder of host-local. Prints `occupied` where programs of ours
 * lie already that no visit has brought.
 */
export const ARRIVE_SCRIPT = `set -eu
mkdir -p "$1/visit"
if [ -e "$1/bin" ] && [ ! -e "$1/visit/brought" ]; then echo occupied; fi
[ -e "$1/visit/plugins" ] || ls -A "$2" > "$1/visit/plugins"
[ -e "$1/visit/networks" ] || { ls -A "$3" 2>/dev/null || true; } > "$1/visit/networks"`;

/** In the agent. $1 folder of programs in its image, $2 the same on the node, $3 the visit's folder. */
export const BRING_SCRIPT = `set -eu
: > "/proc/1/root$3/brought"
mkdir -p "/proc/1/root$2"
cp -p "$1"/* "/proc/1/root$2/"`;

/** In the agent. Prints the names of the programs on the node that are not those of the image. */
export const COMPARE_SCRIPT = `set -eu
for program in "$1"/*; do
  name=$(basename "$program")
  cmp -s "$program" "/proc/1/root$2/$name" || echo "$name"
done`;

/**
 * On the node, when nothing of ours runs any more. $1 folder of ours, $2 folder of plugins, $3 folder of host-local, $4
 * what all other paths lie under: nothing on a node. Faults of the node that a killed run has left are undone by what it
 * noted for that. What wraps a plugin goes by rename, so that no call finds a half-written file; what a rollout has put in
 * its place since stays. Bridges of ours have names of a form that nobody else gives. What Multus has forgotten of pods
 * that are gone, caches and leases, goes by the namespace that the caches name. Of host-local's folders those go that came with us and hold no lease: one of somebody else's that is
 * as empty is made again by the next call. Prints what could not be undone.
 */
export const LEAVE_SCRIPT = `set -eu
for undo in "$1"/undo/*.sh; do
  [ -e "$undo" ] || continue
  sh "$undo" > /dev/null || echo "fault $(basename "$undo" .sh)"
done
for kept in "$2"/*.plumbline-original "$2"/*.plumbline-recorded; do
  [ -e "$kept" ] || continue
  slot=\${kept%.plumbline-*}
  if cmp -s "$slot" "$1/bin/recorder" || cmp -s "$slot" "$1/bin/fault"; then mv -f "$kept" "$slot"; else rm -f "$kept"; fi
done
rm -f "$2"/*.plumbline-new "$2"/*.plumbline-fault.json "$2"/*.plumbline-kept
if [ -e "$1/visit/plugins" ] && ! grep -qx plumbline-rec "$1/visit/plugins"; then rm -f "$2/plumbline-rec"; fi
if [ -z "$4" ] && command -v systemctl > /dev/null; then systemctl stop 'plumbline-*' 2> /dev/null || true; fi
for link in "$4"/sys/class/net/plb*; do
  name=$(basename "$link")
  if echo "$name" | grep -qE '^plb[0-9a-f]{10}$'; then ip link delete "$name" || echo "link $name"; fi
done
for namespace in "$4"/run/netns/plinv-*; do
  [ -e "$namespace" ] || continue
  ip netns delete "$(basename "$namespace")" || echo "namespace $namespace"
done
ours='"K8S_POD_NAMESPACE","pl-[0-9a-f]{4}-[0-9]+x[0-9]+'
caches="$4/var/lib/cni/results $4/var/lib/cni/multus/results"
for id in $(grep -rlE "$ours" $caches 2> /dev/null | grep -oE '[0-9a-f]{64}' | sort -u); do
  for folder in $caches; do rm -f "$folder"/*"$id"*; done
  rm -f "$4/var/lib/cni/multus/$id"
  grep -rlF "$id" "$3" | while read -r lease; do rm -f "$lease"; done
done
if [ -e "$1/visit/networks" ]; then
  for folder in "$3"/*/; do
    name=$(basename "$folder")
    if [ ! -d "$folder" ] || grep -qxF "$name" "$1/visit/networks"; then continue; fi
    if ls -A "$folder" | grep -qvE '^(lock|last_reserved_ip\\..*)$'; then continue; fi
    rm -rf "$folder"
  done
fi
for kept in "$4"/etc/cni/multus/net.d/*; do
  if [ -f "$kept" ] && grep -qF '"plumbline-rec"' "$kept"; then rm -f "$kept"; fi
done
rm -rf "$4"/var/log/plumbline-rec.jsonl "$4"/var/log/plumbline-fault.jsonl "$4"/var/log/plumbline-calls "$4"/run/plumbline-*
if [ -e "$1/visit/brought" ]; then rm -rf "$1"; else rm -rf "$1/visit" "$1/plugins" "$1/undo"; fi`;
