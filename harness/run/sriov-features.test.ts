import { expect } from "chai";
import type { KubeObject } from "../kube/client.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { levelsOfCase, realVfFeatures, sriovFeatures, vfMoverOf } from "./sriov-features.ts";

const node = (name: string, allocatable: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name },
  status: { allocatable },
});

const kubeWith = (...nodes: readonly KubeObject[]) => ({ list: () => Promise.resolve([...nodes]) });

const nodeWith = (name: string, ...plugins: readonly string[]): NodeTransport =>
  ({
    node: name,
    exec: () =>
      Promise.resolve({ exitCode: 0, stdout: plugins.map((p) => `${p}\n`).join(""), stderr: "", durationMs: 1 }),
  }) as unknown as NodeTransport;

describe("sriovFeatures", () => {
  const both = [node("a", { "plumbline.dev/simvf_a": "4" }), node("b", { "plumbline.dev/simvf_a": "4" })];

  it("tell of VFs that every node has, and of the levels whose plugin lies where pods do", async () => {
    const found = await sriovFeatures(kubeWith(...both), [nodeWith("b", "host-device")]);
    expect(found.map(({ name, present }) => `${name} ${present}`)).to.deep.equal([
      "sriov true",
      "sriov-s0 true",
      "sriov-s1 false",
      "sriov-s2 false",
      "sriov-s3 false",
      "sriov-simulated true",
      "sriov-userspace true",
      "sriov-two-nodes true",
      "sriov-as-asked true",
    ]);
    expect(found[0]?.evidence).to.contain("4 plumbline.dev/simvf_a on a; 4 plumbline.dev/simvf_a on b");
    expect(found[2]?.evidence).to.equal("there is no plumbline-sriov on b");
  });

  it("tell of upstream's plugin where it lies in the place of ours, and of which plugin cases then mean", async () => {
    const found = await sriovFeatures(kubeWith(...both), [nodeWith("b", "host-device", "sriov")]);
    const levels = found.filter(({ name }) => /^sriov-s\d$/.test(name));
    expect(levels.filter(({ present }) => present).map(({ name }) => name)).to.deep.equal(["sriov-s0", "sriov-s2"]);
    expect(vfMoverOf(found)).to.equal("sriov");
    expect(vfMoverOf(await sriovFeatures(kubeWith(...both), [nodeWith("b", "plumbline-sriov")]))).to.equal(undefined);
    expect(levelsOfCase(["sriov-s1|sriov-s2"], found)).to.deep.equal(["S2"]);
    expect(levelsOfCase(["sriov-s0|sriov-s3", "sriov-s1|sriov-s2|sriov-s3"], found)).to.deep.equal(["S0", "S2"]);
    expect(levelsOfCase(["sriov-s1"], found)).to.deep.equal([]);
  });

  it("are absent where a node has none to give, whatever lies there", async () => {
    const [first] = both;
    for (const other of [node("b", { "plumbline.dev/simvf_a": "0" }), node("b", { cpu: "2" })]) {
      const kube = kubeWith(...(first ? [first] : []), other);
      const found = await sriovFeatures(kube, [nodeWith("b", "host-device", "plumbline-sriov")]);
      expect(found.filter(({ present }) => present)).to.deep.equal([]);
      expect(found[1]?.evidence).to.equal("no VF is allocatable on b");
    }
  });
});

describe("levelsOfCase", () => {
  const features = ["sriov", "sriov-s0", "sriov-s1"].map((name) => ({ name, present: true, evidence: "" }));

  it("are those that it needs, all that there are where any will do, and none without VFs", () => {
    expect(levelsOfCase(["kernel-veth", "sriov-s1"], features)).to.deep.equal(["S1"]);
    expect(levelsOfCase(["sriov-s0", "sriov-s1"], features)).to.deep.equal(["S0", "S1"]);
    expect(levelsOfCase(["sriov"], features)).to.deep.equal(["S0", "S1"]);
    expect(levelsOfCase(["two-nodes"], features)).to.deep.equal([]);
  });

  it("are those of NICs where a case can do with them in place of simulated ones", () => {
    const real = realVfFeatures({ present: true, evidence: "" });
    expect(levelsOfCase(["sriov-s0|sriov-s3", "sriov-s1|sriov-s3"], real)).to.deep.equal(["S3"]);
    expect(levelsOfCase(["sriov-s0|sriov-s3", "sriov-s1|sriov-s3"], features)).to.deep.equal(["S0", "S1"]);
    expect(levelsOfCase(["sriov", "sriov-as-asked"], real)).to.deep.equal(["S3"]);
  });

  it("are only those that the testbed has", () => {
    const without = features.map((feature) => ({ ...feature, present: feature.name !== "sriov-s1" }));
    expect(levelsOfCase(["sriov"], without)).to.deep.equal(["S0"]);
    expect(levelsOfCase(["sriov"], [])).to.deep.equal([]);
  });
});
