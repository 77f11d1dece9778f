/** How many are told of one file. */
const MOST = 5;

/** Where a file is not what it should be, in a few lines; empty if both are the same bytes. */
export function contentDifferences(is: Uint8Array, should: Uint8Array): readonly string[] {
  if (Buffer.compare(is, should) === 0) return [];
  const [isText, shouldText] = [Buffer.from(is).toString(), Buffer.from(should).toString()];
  const data = [isText, shouldText].map(parsed);
  const [isData, shouldData] = data;
  const places = isData && shouldData ? valueDifferences(isData.value, shouldData.value, "") : [];
  if (places.length > 0) return firstOf(places);
  return [lineDifference(isText, shouldText)];
}

/** As JSON, in a box since null is JSON, too. */
function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function valueDifferences(is: unknown, should: unknown, place: string): readonly string[] {
  if (isContainer(is) && isContainer(should) && Array.isArray(is) === Array.isArray(should)) {
    const keys = [...new Set([...Object.keys(is), ...Object.keys(should)])];
    return keys.flatMap((key) => valueDifferences(is[key], should[key], `${place}/${key}`));
  }
  if (JSON.stringify(is) === JSON.stringify(should)) return [];
  return [`${place || "/"} is ${short(is)}, the record gives ${short(should)}`];
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function lineDifference(is: string, should: string): string {
  const [isLines, shouldLines] = [is.split("\n"), should.split("\n")];
  const index = isLines.findIndex((line, i) => line !== shouldLines[i]);
  const at = index < 0 ? Math.min(isLines.length, shouldLines.length) : index;
  const [isLine, shouldLine] = [isLines[at], shouldLines[at]];
  if (isLine === shouldLine) return "has bytes that are no text";
  return `line ${at + 1} is ${short(isLine)}, the record gives ${short(shouldLine)}`;
}

function firstOf(lines: readonly string[]): readonly string[] {
  return lines.length <= MOST ? lines : [...lines.slice(0, MOST), `and ${lines.length - MOST} more places`];
}

function short(value: unknown): string {
  const text = value === undefined ? "not there" : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 120)}...` : text;
}
