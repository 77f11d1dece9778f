import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { harnessError } from "../../harness/core/errors.ts";

/** Browsers then load nothing from any other host, whatever a script in the page tries. */
const POLICY = `<meta http-equiv="Content-Security-Policy" content="default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'">`;
const SCRIPT = /<script\b([^>]*)>([\s\S]*?)<\/script>/gi;
const ANALYTICS = /googletagmanager|google-analytics|\bgtag\(|mc\.yandex\.|\bym\(\d/;
/** What a browser loads by itself; a link that a reader may follow is none of it. */
const LOADED =
  /<(?:script|link|img|iframe|source|object|embed)\b[^>]*\s(?:src|href|data)\s*=\s*["']?\s*(?:https?:)?\/\/[^"'\s>]*/gi;

/**
 * Takes analytics and all else that is loaded from other hosts out of a generated report, and makes sure that none is
 * left. Attachments are left alone: no page loads them as code.
 * @throws PlumblineError PL_ALLURE_ANALYTICS if a page or script still has any
 */
export function makePagesPrivate(reportDir: string): void {
  const files = readdirSync(reportDir, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(html|js|css)$/.test(file) && !file.startsWith(`data${path.sep}`))
    .map((file) => path.join(reportDir, file));
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    const isPage = file.endsWith(".html");
    const shown = isPage ? privatePage(text) : text;
    const left = (isPage ? outsideLoads(shown) : undefined) ?? ANALYTICS.exec(shown)?.[0];
    if (left !== undefined) {
      throw harnessError("PL_ALLURE_ANALYTICS", `Allure wrote analytics into ${path.basename(file)}: ${left}`, {
        hint: "use the version of Allure that package.json names, and tell us of this one",
      });
    }
    if (isPage) writeFileSync(file, shown);
  }
}

/** A page without scripts of other hosts and without analytics, and with a policy that allows none. */
export function privatePage(html: string): string {
  const stripped = html.replaceAll(SCRIPT, (script, attributes: string, body: string) =>
    /\bsrc\s*=\s*["']?(?:https?:)?\/\//i.test(attributes) || ANALYTICS.test(body) ? "" : script,
  );
  return stripped.includes(POLICY) ? stripped : stripped.replace(/<head[^>]*>/i, (head) => `${head}\n    ${POLICY}`);
}

/** The first thing in a page that a browser would load from another host. */
export function outsideLoads(html: string): string | undefined {
  // inline code may have such text in its strings
  const markup = html.replaceAll(SCRIPT, (_, attributes: string) => `<script ${attributes}>`);
  return markup.match(LOADED)?.[0];
}
