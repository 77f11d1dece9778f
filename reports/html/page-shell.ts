import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { packageFile } from "../../harness/core/package-root.ts";
import { markup, trusted, type Content } from "./markup.ts";

/**
 * A whole page around its content: one file that loads nothing. Its policy lets the browser take this very style and this
 * very script and nothing else, so that even markup that slipped in could do nothing.
 */
export function pageShell(title: string, content: Content): string {
  const style = asset("page.css");
  const script = asset("page.js");
  const policy = `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
${content}
<script type="module">${trusted(script)}</script>
</body>
</html>
`.text;
}

/** Files of their own, so that the tools for styles and scripts see them; shipped as they are, as nothing compiles them. */
function asset(name: string): string {
  return readFileSync(packageFile("reports", "html", "assets", name), "utf8");
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
