import { readFileSync } from "node:fs";
import {
  CST,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
} from "yaml";
import type { z } from "zod";
import { messageOf, usageError, type PlumblineError } from "../core/errors.ts";
import { configIssues, type ConfigIssue } from "./config-issue.ts";
import { matrixSchema, type MatrixConfig } from "./matrix-schema.ts";
import { configSchema, defaultConfig, type Config } from "./schema.ts";

const DEFAULT_FILE = "plumbline.yaml";
/** Far above what the schema has; far below what the recursive parser stands. */
const DEEPEST = 200;
const MOST_ISSUES = 10;

/** Where things stand in a configuration file. */
export interface ConfigPlaces {
  /**
   * `file:line:column` of a setting, or of one value in its list; `matrix.mode` is a key of a group.
   * @returns undefined if the file does not say it
   */
  placeOf(setting: string, value?: unknown): string | undefined;
}

/**
 * The configuration of a file, with defaults for what it does not say.
 * @param file undefined: plumbline.yaml in the working folder if it is there, else the defaults
 * @throws PlumblineError PL_CONFIG (usage) with `file:line:column` of everything that is wrong; PL_CONFIG_FILE
 */
export function loadConfig(file: string | undefined): Config {
  const text = readText(file ?? DEFAULT_FILE, file !== undefined);
  return text === undefined ? defaultConfig : parseConfig(text, file ?? DEFAULT_FILE);
}

/** Reads the text of a configuration file. @param file its name, for errors @throws PlumblineError PL_CONFIG (usage) */
export function parseConfig(text: string, file: string): Config {
  return parseAs(configSchema, text, { file, within: [] });
}

/**
 * The matrix of a file of its own, which holds what the key `matrix` of plumbline.yaml does.
 * @throws PlumblineError PL_CONFIG, PL_CONFIG_FILE (usage)
 */
export function loadMatrix(file: string): MatrixConfig {
  return parseAs(matrixSchema, readText(file, true) ?? "", { file, within: ["matrix"] });
}

/** @param within the key of the configuration whose value the file holds */
function parseAs<T>(
  schema: z.ZodType<T>,
  text: string,
  { file, within }: { readonly file: string; readonly within: readonly string[] },
): T {
  const lines = new LineCounter();
  const { document, value } = readYaml(text, { file, lines });
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const issues = configIssues(parsed.error, value ?? {}, within);
  throw configError(
    file,
    issues.map((issue) => ({ offset: offsetOf(document, issue), message: issue.message })),
    lines,
  );
}

/** Where the settings of a file stand that `loadConfig` has read. @throws as `loadConfig` */
export function configPlaces(file: string | undefined): ConfigPlaces {
  const name = file ?? DEFAULT_FILE;
  const lines = new LineCounter();
  const { document, value } = readYaml(readText(name, file !== undefined) ?? "", { file: name, lines });
  return {
    placeOf(setting, wanted) {
      const keys = setting.split(".");
      const found = keys.reduce<unknown>(
        (group, key) => (group as Readonly<Record<string, unknown>> | null | undefined)?.[key],
        value,
      );
      if (found === undefined) return undefined;
      const index = Array.isArray(found) ? found.indexOf(wanted) : -1;
      const path = index < 0 ? keys : [...keys, index];
      const { line, col } = lines.linePos(offsetOf(document, { path, marks: "value" }));
      return `${name}:${line}:${col}`;
    },
  };
}

function readText(file: string, isAsked: boolean): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (!isAsked && (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw usageError("PL_CONFIG_FILE", `the configuration ${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
      hint: "--config FILE names another; without a file the defaults hold",
    });
  }
}

interface Place {
  readonly file: string;
  readonly lines: LineCounter;
}

function readYaml(text: string, { file, lines }: Place): { document: Document.Parsed | undefined; value: unknown } {
  if (nestingOf(text) > DEEPEST) throw configError(file, [{ offset: 0, message: "it is nested too deeply" }], lines);
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
    const faults = [...document.errors, ...document.warnings];
    if (faults.length > 0) {
      const found = faults.map((fault) => ({ offset: fault.pos[0], message: fault.message }));
      throw configError(file, found, lines);
    }
    return { document, value: document.toJS({ maxAliasCount: 100 }) };
  } catch (error) {
    if (error instanceof Error && error.name === "PlumblineError") throw error;
    // an alias of nothing, or too many of them
    throw configError(file, [{ offset: 0, message: messageOf(error) }], lines);
  }
}

/**
 * At least the depth to which collections nest. The parser recurses, and where it runs out of stack, V8 may end the whole
 * process instead of throwing; the lexer does not recurse.
 */
function nestingOf(text: string): number {
  let [deepest, flow, line] = [0, 0, 0];
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token);
    if (type === "flow-seq-start" || type === "flow-map-start") flow++;
    else if (type === "flow-seq-end" || type === "flow-map-end") flow = Math.max(0, flow - 1);
    else if (type === "newline") line = 0;
    else if (type === "space") line += token.length;
    else if (type === "seq-item-ind" || type === "explicit-key-ind" || type === "map-value-ind") line++;
    deepest = Math.max(deepest, flow + line);
  }
  return deepest;
}

interface Found {
  readonly offset: number;
  readonly message: string;
}

function configError(file: string, found: readonly Found[], lines: LineCounter): PlumblineError {
  const issues = found.map(({ offset, message }) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col), message };
  });
  const texts = issues.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
  const more = texts.length > MOST_ISSUES ? [`and ${texts.length - MOST_ISSUES} more`] : [];
  const shown = [...texts.slice(0, MOST_ISSUES), ...more].join("\n");
  return usageError("PL_CONFIG", shown, { context: { file, issues: issues.slice(0, MOST_ISSUES) } });
}

/** Where in the text the issue is; the nearest thing around it if it is about something absent. */
function offsetOf(document: Document.Parsed | undefined, issue: Pick<ConfigIssue, "path" | "marks">): number {
  let at: Node | null | undefined = document?.contents;
  let offset = startOf(at) ?? 0;
  for (const [depth, part] of issue.path.entries()) {
    const { key, value } = childOf(document, at, part);
    const isTarget = depth === issue.path.length - 1;
    offset = (isTarget && issue.marks === "key" ? startOf(key) : (startOf(value) ?? startOf(key))) ?? offset;
    at = value;
  }
  return offset;
}

function childOf(document: Document.Parsed | undefined, parent: Node | null | undefined, part: PropertyKey): Child {
  const node = isAlias(parent) && document ? parent.resolve(document) : parent;
  if (isSeq(node)) return { key: undefined, value: asNode(node.items[Number(part)]) };
  if (!isMap(node)) return { key: undefined, value: undefined };
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
  return { key: asNode(pair?.key), value: asNode(pair?.value) };
}

interface Child {
  readonly key: Node | undefined;
  readonly value: Node | undefined;
}

function asNode(value: unknown): Node | undefined {
  return typeof value === "object" && value !== null ? (value as Node) : undefined;
}

function startOf(node: Node | null | undefined): number | undefined {
  return node?.range?.[0];
}
