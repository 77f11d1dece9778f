import { inPhase, type Progress } from "../core/ports.ts";
import { run } from "../process/run.ts";
import { dockerVersion, startDockerd } from "./dockerd.ts";
import { examineHost } from "./examine-host.ts";
import { fixesOf, type Fix, type HostReport } from "./host-report.ts";
import { allowHugePages } from "./huge-pages.ts";

export interface PrepareOptions {
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does what the report's checks ask for and a program may do: packages, sysctls, a dockerd where none runs.
 * A dockerd that runs already is never changed. Ask the user first.
 * @returns the host as it is afterwards; what is still missing carries its commands
 * @throws PlumblineError PL_PACKAGES, PL_SYSCTL, PL_DOCKERD, PL_RUNTIME_WRAPPER
 */
export async function prepareHost(report: HostReport, options: PrepareOptions): Promise<HostReport> {
  const fixes = fixesOf(report);
  await installPackages(packagesOf(fixes), options);
  for (const fix of fixes) {
    if (fix.kind === "sysctl") await setSysctl(fix, options);
    if (fix.kind === "huge-pages") await allowHugePages(options.progress);
  }
  await startDockerdIfNoneRuns(options);
  return inPhase(options.progress, "Looking at the host again", () => examineHost({ signal: options.signal }));
}

/** Names of packages that the fixes ask for, each once. */
export function packagesOf(fixes: readonly Fix[]): string[] {
  return [...new Set(fixes.flatMap((fix) => (fix.kind === "packages" ? fix.names : [])))];
}

async function installPackages(names: readonly string[], { progress, signal }: PrepareOptions): Promise<void> {
  if (names.length === 0) return;
  await inPhase(progress, `Installing packages: ${names.join(", ")}`, async (phase) => {
    const options = {
      timeoutMs: 900_000,
      signal,
      env: { DEBIAN_FRONTEND: "noninteractive" },
      code: "PL_PACKAGES",
      hint: "see what apt says above; another apt may be running, or the package source unreachable",
      onLine: (line: string) => phase.update(line.slice(0, 120)),
    } as const;
    await run("apt-get", ["update", "-q"], options);
    await run("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...names], options);
  });
}

async function setSysctl(fix: Extract<Fix, { kind: "sysctl" }>, { progress, signal }: PrepareOptions): Promise<void> {
  const setting = `${fix.key}=${fix.value}`;
  await inPhase(progress, `Setting ${setting}`, async () => {
    await run("sysctl", ["-q", "-w", setting], {
      timeoutMs: 10_000,
      signal,
      code: "PL_SYSCTL",
      hint: "in a container, set it on the host of the container",
    });
  });
}

async function startDockerdIfNoneRuns({ progress, signal }: PrepareOptions): Promise<void> {
  // the packages may have started it
  if (await dockerVersion(signal)) return;
  await inPhase(progress, "Starting dockerd", (phase) => startDockerd(phase, signal));
}
