// Shell because it must work on a node of which nothing but the node image's tools is known. Each prints one JSON line or
// one word; arguments are passed, never pasted.

/**
 * $1 binary, $2 wrapper program, $3 the specification's path. The original keeps its inode under another name, so that a
 * running call goes on; the wrapper arrives by rename, so that no call ever finds a half-written file.
 */
export const PLANT_SCRIPT = `set -eu
if [ -e "$1.plumbline-original" ]; then echo planted; exit 0; fi
if [ ! -f "$1" ]; then echo missing; exit 0; fi
if [ ! -f "$2" ]; then echo nowrapper; exit 0; fi
ln "$1" "$1.plumbline-original" 2>/dev/null || cp -p "$1" "$1.plumbline-original"
cp "$2" "$1.plumbline-new"
chmod 0755 "$1.plumbline-new"
mv -f "$1.plumbline-new" "$1"
echo done`;

/**
 * $1 binary, $2 sha256 of the wrapper. A rollout may have put a newer binary in the wrapper's place: that one stays.
 */
export const RESTORE_SCRIPT = `set -eu
sum() { sha256sum "$1" | cut -d' ' -f1; }
if [ ! -e "$1.plumbline-original" ]; then echo "absent $(sum "$1")"; rm -f "$1.plumbline-fault.json"; exit 0; fi
if [ -e "$1" ] && [ "$(sum "$1")" != "$2" ]; then
  rm -f "$1.plumbline-original" "$1.plumbline-fault.json"; echo "replaced $(sum "$1")"; exit 0
fi
mv -f "$1.plumbline-original" "$1"
rm -f "$1.plumbline-fault.json" "$1.plumbline-new"
echo "restored $(sum "$1")"`;

/** $1 folder. Prints each specification on a line of its own, after the name of its binary. */
export const LIST_SCRIPT = `set -eu
for spec in "$1"/*.plumbline-fault.json; do
  [ -e "$spec" ] || continue
  printf '%s %s\\n' "$(basename "$spec" .plumbline-fault.json)" "$(tr -d '\\n' < "$spec")"
done`;
