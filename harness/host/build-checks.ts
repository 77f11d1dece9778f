import { hasProgram, run } from "../process/run.ts";
import { lacksPackages, missing, ok, warning, type CheckRecipe, type Finding } from "./host-report.ts";

const MIN_GO = { major: 1, minor: 24 };

export const buildChecks: readonly CheckRecipe[] = [
  {
    id: "go",
    title: "Go",
    why: "the harness' own programs and the reference plugins are built here; without an image registry, everything is",
    look: lookAtGo,
  },
  {
    id: "gcc",
    title: "C compiler",
    why: "without an image registry, flannel and the pause program are built here and need one",
    look: async () =>
      (await hasProgram("gcc")) ? ok("in PATH") : lacksPackages("no gcc in PATH", ["gcc", "libc6-dev"]),
  },
  {
    id: "mmdebstrap",
    title: "mmdebstrap",
    why: "makes the root file systems of the images that are built here from the host's own package source",
    look: async () =>
      (await hasProgram("mmdebstrap")) ? ok("in PATH") : lacksPackages("no mmdebstrap in PATH", ["mmdebstrap"]),
  },
];

async function lookAtGo(signal: AbortSignal | undefined): Promise<Finding> {
  const remedy = [
    '# install Go 1.24 or later; from Debian\'s backports: apt-get install -y -t "$(. /etc/os-release; echo $VERSION_CODENAME)-backports" golang-go',
  ];
  if (!(await hasProgram("go"))) return missing("no go in PATH", { remedy });
  const { stdout } = await run("go", ["env", "GOVERSION"], { timeoutMs: 20_000, signal });
  return judgeGo(stdout.trim(), remedy);
}

/** @param version as Go tells it, e.g. `go1.26.8` */
export function judgeGo(version: string, remedy: readonly string[]): Finding {
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return warning(`${version}: not a release`);
  const enough = Number(major) > MIN_GO.major || (Number(major) === MIN_GO.major && Number(minor) >= MIN_GO.minor);
  return enough ? ok(version) : missing(version, { remedy });
}
