import type { CheckState, HostCheck, HostReport } from "../host/host-report.ts";
import type { Paint, PaintName } from "./paint.ts";
import { textTable } from "./text-table.ts";

const MARKS: Readonly<Record<CheckState, { readonly sign: string; readonly color: PaintName }>> = {
  ok: { sign: "✔", color: "green" },
  warning: { sign: "!", color: "yellow" },
  missing: { sign: "✖", color: "red" },
};

/** What was seen of the host, one line a check; under it, for what can be put right, why it matters and the commands. */
export function renderHostReport(report: HostReport, paint: Paint): string {
  const rows = report.checks.map((check) => {
    const { sign, color } = MARKS[check.state];
    return [paint(color, sign), check.title, check.seen];
  });
  const missing = report.checks.filter((check) => check.state === "missing");
  const advised = report.checks.filter((check) => check.state === "warning" && check.remedy.length > 0);
  const verdict = report.ready
    ? paint("green", "This host is ready.")
    : paint("red", `This host lacks ${missing.length === 1 ? "one thing" : `${missing.length} things`}.`);
  const told = [...missing, ...advised].map((check) => explained(check, paint));
  return [textTable(rows), verdict, ...told].join("\n\n");
}

function explained(check: HostCheck, paint: Paint): string {
  const lines = check.remedy.map((command) => `    ${command}`);
  return [`${paint("bold", check.title)}: ${check.seen}`, `  why: ${check.why}`, ...lines].join("\n");
}
