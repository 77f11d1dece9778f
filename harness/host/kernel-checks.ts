import { hasProgram, run } from "../process/run.ts";
import { netdevsimCheck } from "./netdevsim-check.ts";
import { ok, warning, type CheckRecipe, type Finding } from "./host-report.ts";

/** Drivers that cases use; a case whose driver is missing is skipped with a reason, so none of these is required. */
const LINK_KINDS: Readonly<Record<string, string>> = {
  veth: "type veth peer name plb1",
  bridge: "type bridge",
  macvlan: "link plb0 type macvlan mode bridge",
  vxlan: "type vxlan id 7 dstport 4789",
  // a link that macvlan is on takes no ipvlan
  ipvlan: "link plb1 type ipvlan mode l2",
  vlan: "link plb0 type vlan id 7",
  dummy: "type dummy",
  vrf: "type vrf table 7",
  ifb: "type ifb",
};

export const kernelChecks: readonly CheckRecipe[] = [
  {
    id: "kernel",
    title: "Kernel drivers",
    why: "cases for a driver that the kernel lacks are skipped, with that reason",
    look: lookAtKernel,
  },
  netdevsimCheck,
];

async function lookAtKernel(signal: AbortSignal | undefined): Promise<Finding> {
  if (process.getuid?.() !== 0) return warning("not probed: only root can");
  if (!(await hasProgram("ip")) || !(await hasProgram("unshare"))) {
    return warning("not probed: ip and unshare are needed", {
      remedy: ["apt-get install -y --no-install-recommends iproute2 util-linux"],
      fix: { kind: "packages", names: ["iproute2", "util-linux"] },
    });
  }
  const kinds = await probeLinkKinds(signal);
  const yes = kinds.filter((k) => k.works).map((k) => k.kind);
  const no = kinds.filter((k) => !k.works).map((k) => k.kind);
  return no.length === 0 ? ok(yes.join(", ")) : warning(`${yes.join(", ")}; not: ${no.join(", ")}`);
}

/** Makes a link of each kind in a network namespace that ends with the probe. */
async function probeLinkKinds(signal: AbortSignal | undefined): Promise<{ kind: string; works: boolean }[]> {
  const lines = Object.entries(LINK_KINDS).map(
    ([kind, words]) =>
      `if ip link add ${kind === "veth" ? "plb0" : `plb-${kind}`} ${words} 2>/dev/null; then echo ${kind} yes; else echo ${kind} no; fi`,
  );
  const { stdout } = await run("unshare", ["--net", "sh", "-c", lines.join("\n")], { timeoutMs: 20_000, signal });
  return stdout
    .trim()
    .split("\n")
    .map((line) => line.split(" "))
    .map(([kind = "", answer]) => ({ kind, works: answer === "yes" }));
}
