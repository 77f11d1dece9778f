import { readFile, writeFile } from "node:fs/promises";
import { messageOf } from "../core/errors.ts";
import type { Progress } from "../core/ports.ts";
import { ok, warning, type Finding } from "./host-report.ts";

/** @source kernel Documentation/admin-guide/mm/transhuge.rst */
const SETTING = "/sys/kernel/mm/transparent_hugepage/enabled";

/** Whether programs that do not ask for huge pages, as Go's and Node's do not, are given them. */
export async function lookAtHugePages(): Promise<Finding> {
  return judgeHugePages(await readFile(SETTING, "utf8").catch(() => undefined));
}

/** @param setting e.g. `always [madvise] never`; undefined: the kernel has none */
export function judgeHugePages(setting: string | undefined): Finding {
  const chosen = /\[(\w+)\]/.exec(setting ?? "")?.[1];
  if (chosen === undefined) return ok("not a choice of this kernel");
  if (chosen === "always") return ok(chosen);
  return warning(chosen, { fix: { kind: "huge-pages" }, remedy: [`echo always > ${SETTING}`] });
}

/** Until the next start of the host. A container may be kept from it; builds then take longer, which the report goes on to tell. */
export async function allowHugePages(progress: Progress): Promise<void> {
  const phase = progress.phase("Transparent huge pages: always");
  try {
    await writeFile(SETTING, "always");
    phase.done();
  } catch (error) {
    phase.fail(messageOf(error));
  }
}
