/** A piece of a Go string expression: a string in backquotes or quotes, a name, or the operator between them. */
const TERM = /\s*(?:`([^`]*)`|("(?:[^"\\\n]|\\.)*")|([A-Za-z_]\w*)|(\+))/y;

/**
 * The text of a string constant in Go source, with the constants in it that it is put together from: how a project
 * publishes a manifest that lies in no file of its own.
 * @returns undefined if there is no such constant, or it is no string
 * @source The Go Programming Language Specification, string literals and constant expressions
 */
export function goConstant(source: string, name: string): string | undefined {
  const start = new RegExp(String.raw`^const ${name} = `, "m").exec(source);
  if (!start) return undefined;
  const parts: string[] = [];
  // of its own: a constant in the middle is read by another one
  const term = new RegExp(TERM);
  term.lastIndex = start.index + start[0].length;
  for (;;) {
    const [, raw, quoted, other] = term.exec(source) ?? [];
    const text = raw ?? (quoted === undefined ? other && goConstant(source, other) : (JSON.parse(quoted) as string));
    if (text === undefined) return undefined;
    parts.push(text);
    const next = term.lastIndex;
    if (term.exec(source)?.[4] === undefined) {
      term.lastIndex = next;
      return parts.join("");
    }
  }
}
