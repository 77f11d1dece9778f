import { expect } from "chai";
import type { NodeTransport } from "../nodes/transport.ts";
import type { Violation } from "../verdicts/violation.ts";
import { pod } from "./declare-pod.ts";
import { TestPod, type PodDriver } from "./test-pod.ts";
import { judgeVfs, noteDevices } from "./vf-homecoming.ts";
import type { VfSite } from "./vf-site.ts";
import { checkpoint, vfNode, type ToldVf } from "./vf-node.test-support.ts";

const FIRST = "0000:a1:10.0";
const SECOND = "0000:a1:10.1";
const VFS: readonly ToldVf[] = [
  { pci: FIRST, where: "home" },
  { pci: SECOND, where: "home" },
];

function podNamed(name: string, options: { readonly resources?: Record<string, number>; unjudged?: boolean } = {}) {
  const declaration = pod(name, [], { resources: { "plumbline.dev/simvf_a": 1 }, ...options });
  const made = { declaration, namespace: "own", name, node: "n1", attachments: [], madeBy: ["SRV-901"] };
  const testPod = new TestPod({ ...made, driver: {} as PodDriver });
  testPod.uid = name;
  return testPod;
}

/** A pod that held a VF from 12:00 to 12:01 and is gone. */
function gonePod(name: string, pci: string, options: { unjudged?: boolean } = {}): TestPod {
  const gone = podNamed(name, options);
  gone.devices = [pci];
  gone.createdAtMs = Date.parse("2026-01-01T12:00:00Z");
  gone.goneAtMs = Date.parse("2026-01-01T12:01:00Z");
  gone.deleted = "normal";
  return gone;
}

function laneOn(node: NodeTransport, vfSite?: VfSite) {
  const seen: { pod: string; message: string }[] = [];
  const summaries: unknown[] = [];
  const lane = {
    nodes: new Map([["n1", node]]),
    vfSite,
    teardownMs: 50,
    violated: async (testPod: TestPod, found: readonly Violation[]) => {
      seen.push(...found.map(({ message }) => ({ pod: testPod.name, message })));
    },
    emit: (event: unknown) => void summaries.push(event),
  };
  return { lane, seen, summaries };
}

const lost = (pci: string, at: string): Readonly<Record<string, string>> => ({
  "/var/lib/plumbline/simvf/events.jsonl": ["lost", "made-again"]
    .map((event) => `${JSON.stringify({ at, pci, vf: 0, interface: "simvf0", event })}\n`)
    .join(""),
});

describe("noteDevices", () => {
  it("takes what the kubelet gave to the pods that asked, and keeps it", async () => {
    const [asking, other] = [podNamed("asking"), podNamed("other", { resources: {} })];
    const { lane } = laneOn(vfNode(VFS, checkpoint({ asking: [SECOND], other: [FIRST] })));
    await noteDevices(lane, [asking, other]);
    await noteDevices(laneOn(vfNode(VFS)).lane, [asking]);
    expect(asking.devices).to.deep.equal([SECOND]);
    expect(other.devices).to.deep.equal([]);
  });
});

describe("judgeVfs", () => {
  it("finds nothing where all are home, and says how many it looked at", async () => {
    const { lane, seen, summaries } = laneOn(vfNode(VFS));
    await judgeVfs(lane, [gonePod("a", FIRST), gonePod("b", SECOND), podNamed("alive")]);
    expect(seen).to.deep.equal([]);
    expect(summaries).to.deep.equal([
      { type: "invariant-summary", invariant: "vf-home", pods: 2, checks: 2, violations: 0 },
    ]);
  });

  it("blames the pod whose VF stays away, comes home as another, or was lost", async () => {
    const node = vfNode([
      { pci: FIRST, where: "away" },
      { pci: SECOND, where: "home", macNow: "02:00:00:00:00:09" },
    ]);
    const { lane, seen } = laneOn(node);
    await judgeVfs(lane, [gonePod("a", FIRST), gonePod("b", SECOND)]);
    expect(seen.map((one) => one.pod)).to.deep.equal(["a", "b"]);
    expect(seen[0]?.message).to.contain("is not home");
    expect(seen[1]?.message).to.contain("02:00:00:00:00:09");

    const after = laneOn(vfNode(VFS, lost(FIRST, "2026-01-01T12:01:02Z")));
    await judgeVfs(after.lane, [gonePod("a", FIRST), gonePod("b", SECOND)]);
    expect(after.seen.map((one) => one.pod)).to.deep.equal(["a"]);
    expect(after.seen[0]?.message).to.match(/namespace at 2026-01-01T12:01:02Z:/);
  });

  it("does not blame it for what happened before it or for a VF that another has by now", async () => {
    const before = laneOn(vfNode(VFS, lost(FIRST, "2026-01-01T11:00:00Z")));
    await judgeVfs(before.lane, [gonePod("a", FIRST)]);
    const given = laneOn(vfNode([{ pci: FIRST, where: "away" }], checkpoint({ a: [FIRST], next: [FIRST] })));
    await judgeVfs(given.lane, [gonePod("a", FIRST)]);
    expect([...before.seen, ...given.seen]).to.deep.equal([]);
  });

  it("does not blame it for a VF that goes to another pod while it is looked for", async () => {
    const [home, taken] = [
      vfNode([{ pci: FIRST, where: "home" }]),
      vfNode([{ pci: FIRST, where: "away" }], checkpoint({ next: [FIRST] })),
    ];
    let given = false;
    const node: NodeTransport = {
      ...home,
      exec: (argv, options) => {
        // the kubelet has given it, and the plugin has moved it, by the time of the first look at the interface
        given ||= argv[0] === "ip";
        return (given ? taken : home).exec(argv, options);
      },
    };
    const { lane, seen } = laneOn(node);
    await judgeVfs(lane, [gonePod("a", FIRST)]);
    expect(seen).to.deep.equal([]);
  });

  it("leaves out pods that are not judged, to whom a loss may belong all the same", async () => {
    const { lane, seen } = laneOn(vfNode(VFS, lost(FIRST, "2026-01-01T12:01:02Z")));
    const earlier = gonePod("earlier", FIRST);
    earlier.createdAtMs = Date.parse("2026-01-01T11:00:00Z");
    earlier.goneAtMs = Date.parse("2026-01-01T11:59:00Z");
    await judgeVfs(lane, [earlier, gonePod("loser", FIRST, { unjudged: true })]);
    expect(seen).to.deep.equal([]);
  });
});
