// The length is checked because a cut pipe looks like the end of the content.
const SCRIPT = `set -eu
temporary=$(mktemp "$(dirname "$1")/.plumbline.XXXXXX")
trap 'rm -f "$temporary"' EXIT
cat > "$temporary"
[ "$(wc -c < "$temporary")" -eq "$3" ] || { echo "only a part of the content arrived" >&2; exit 1; }
chmod "$2" "$temporary"
mv -f "$temporary" "$1"
trap - EXIT`;

/** The command that writes its standard input to a file as a whole or not at all. @param mode e.g. 0o644 */
export function writeFileArgv(
  path: string,
  content: string | Uint8Array,
  mode: number,
): { readonly argv: readonly string[]; readonly stdin: Uint8Array } {
  const stdin = Buffer.from(content);
  return { argv: ["sh", "-c", SCRIPT, "sh", path, mode.toString(8), String(stdin.length)], stdin };
}
