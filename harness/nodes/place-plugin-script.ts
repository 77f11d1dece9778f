// Shell for the reasons of planted-script.ts. The folder of a plugin's state holds: binary, the plugin as it came;
// displaced, what had its name before, if anything; placed, the digest of what lies among the plugins.

/**
 * $1 path among the plugins, $2 folder of its state, $3 sha256, $4 interpreter or nothing, $5 machine as `uname -m` has it,
 * or nothing. Prints one word, and behind `othermachine` what the node is.
 */
export const STAGE_PLUGIN_SCRIPT = `set -eu
machine=$(uname -m)
if [ -n "$5" ] && [ "$5" != "$machine" ]; then echo "othermachine $machine"; exit 0; fi
if [ -e "$1.plumbline-original" ]; then echo fault; exit 0; fi
if [ -n "$4" ] && [ ! -e "$4" ]; then echo nointerpreter; exit 0; fi
mkdir -p "$2"
if [ -f "$2/binary" ] && [ "$(sha256sum "$2/binary" | cut -d' ' -f1)" = "$3" ]; then echo there; exit 0; fi
echo absent`;

/**
 * $1 path among the plugins, $2 folder of its state, $3 sha256. Behind the recorder it takes the place of what is
 * recorded. It arrives by rename, so that no call finds a half-written file and none that is running is disturbed.
 */
export const PLACE_PLUGIN_SCRIPT = `set -eu
slot=$1
if [ -e "$1.plumbline-recorded" ]; then slot=$1.plumbline-recorded; fi
sum() { sha256sum "$1" | cut -d' ' -f1; }
if [ -e "$2/placed" ]; then
  if [ -f "$slot" ] && [ "$(sum "$slot")" = "$3" ]; then echo kept; exit 0; fi
elif [ -f "$slot" ]; then
  cp -p "$slot" "$2/displaced.new"
  mv -f "$2/displaced.new" "$2/displaced"
fi
echo "$3" > "$2/placed"
cp "$2/binary" "$slot.plumbline-new"
chmod 0755 "$slot.plumbline-new"
mv -f "$slot.plumbline-new" "$slot"
echo placed`;

/**
 * $1 folder of plugins, $2 folder of states, $3 name that stays, or nothing. Prints the names of those that went. One that
 * stands in for another never stays: the stack is looked at as it was installed.
 */
export const REMOVE_PLUGINS_SCRIPT = `set -eu
for state in "$2"/*/; do
  [ -e "$state" ] || continue
  name=$(basename "$state")
  if [ "$name" = "$3" ] && [ ! -e "$state/displaced" ]; then continue; fi
  if [ -e "$state/placed" ]; then
    slot=$1/$name
    if [ -e "$1/$name.plumbline-recorded" ]; then slot=$1/$name.plumbline-recorded; fi
    if [ -e "$state/displaced" ]; then
      cp -p "$state/displaced" "$slot.plumbline-new"
      mv -f "$slot.plumbline-new" "$slot"
    else
      rm -f "$1/$name" "$1/$name.plumbline-recorded"
    fi
    echo "$name"
  fi
  rm -rf "$state"
done`;
