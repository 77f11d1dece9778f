/** Escape sequences of colours, which take no room. */
const COLOR = /\x1b\[[0-9;]*m/g;

interface WrapOptions {
  readonly columns: number;
  /** In front of each line but the first. */
  readonly indent: string;
}

/** Breaks lines at spaces. Line ends of the text stay, and a word longer than a line, such as a path, is never broken. */
export function wrapText(text: string, { columns, indent }: WrapOptions): string {
  return text
    .split("\n")
    .flatMap((line) => wrapLine(line, columns - indent.length))
    .map((line, index) => (index === 0 || line === "" ? line : indent + line))
    .join("\n");
}

function wrapLine(line: string, columns: number): string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of line.split(" ")) {
    const joined = current === "" ? word : `${current} ${word}`;
    if (visibleLength(joined) > columns && current.trim() !== "") {
      lines.push(current);
      current = word;
    } else {
      current = joined;
    }
  }
  return [...lines, current];
}

/** How many columns a text takes on a terminal. */
export function visibleLength(text: string): number {
  return text.replaceAll(COLOR, "").length;
}
