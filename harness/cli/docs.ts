import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import { messageOf, usageError } from "../core/errors.ts";
import type { CliContext } from "./context.ts";

interface DocsFlags {
  readonly out: string;
  readonly check?: boolean;
  readonly json?: boolean;
}

/** Declares `plumbline docs`. */
export function declareDocs(command: Command, context: CliContext): void {
  command
    .description(
      "Writes Markdown for people: a page for each suite (what each case requires, by which clause, how it is observed, what it needs, and what a failure usually means), a page over them with the profiles, and the guide to errors. All of it is made of the data that the cases are checked with, so it cannot say anything else.",
    )
    .option("--out <dir>", "folder of the pages", "docs")
    .option("--check", "write nothing; fail if a page is not what it should be")
    .option("--json", 'one JSON document: {"dir", "pages", "written", "removed"}')
    .addHelpText(
      "after",
      `
Examples:
  plumbline docs                   OUT/cases/*.md and OUT/errors.md
  plumbline docs --out site/plumbline
  plumbline docs --check           for CI: are the pages fresh?

One case at the terminal: plumbline explain TD-001`,
    )
    .action((flags: DocsFlags) => docs(context, flags));
}

async function docs(context: CliContext, { out, check, json }: DocsFlags): Promise<void> {
  const { allPages, strayPages } = await import("./doc-pages.ts");
  const dir = path.resolve(context.cwd, out);
  const pages = allPages();
  const stale = [...pages].filter(([name, text]) => textOf(path.join(dir, name)) !== text).map(([name]) => name);
  const stray = strayPages(dir, pages);
  if (check && stale.length + stray.length > 0) {
    throw usageError("PL_DOCS_STALE", `not fresh in ${out}: ${[...stale, ...stray].join(", ")}`, {
      hint: `\`plumbline docs --out ${out}\` writes them`,
      context: { dir, stale, stray },
    });
  }
  try {
    for (const name of stale) write(path.join(dir, name), pages.get(name) ?? "");
    for (const name of stray) rmSync(path.join(dir, name));
  } catch (error) {
    throw usageError("PL_OUT", `pages cannot be written to ${out}: ${messageOf(error)}`, {
      hint: "--out DIR says where to write",
      cause: error,
    });
  }
  if (json) context.printJson({ dir, pages: [...pages.keys()], written: stale, removed: stray });
  else context.print(summary({ out, pages: pages.size, written: stale.length, removed: stray.length }));
}

function summary(done: { out: string; pages: number; written: number; removed: number }): string {
  const { out, pages, written, removed } = done;
  const gone = removed === 0 ? "" : `, ${removed} of suites that are no more removed`;
  return written + removed === 0
    ? `${pages} pages in ${out}, all fresh`
    : `${pages} pages in ${out}: ${written} written${gone}; begin with ${path.join(out, "cases", "README.md")}`;
}

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function write(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
