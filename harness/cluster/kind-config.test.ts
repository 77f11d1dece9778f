import { expect } from "chai";
import { specDifferences, specDigest } from "./cluster-record.ts";
import type { ClusterSpec } from "./cluster.ts";
import { adaptationsFor, kindConfig } from "./kind-config.ts";
import { stepOf } from "./kind.ts";

const SPEC: ClusterSpec = {
  name: "t",
  workers: 2,
  ipFamily: "ipv4",
  nodeImage: { ref: "node:1", id: "sha256:1" },
  stack: "ptp-thick",
};

describe("kindConfig", () => {
  it("has one control plane, the workers and no default network", () => {
    const config = kindConfig(SPEC, []);
    expect(config.nodes.map((node) => node.role)).to.deep.equal(["control-plane", "worker", "worker"]);
    expect(config.networking).to.deep.equal({ ipFamily: "ipv4", disableDefaultCNI: true, podSubnet: "10.244.0.0/16" });
    expect(config.featureGates).to.deep.equal({});
  });

  it("has both pod networks if dual", () => {
    expect(kindConfig({ ...SPEC, ipFamily: "dual" }, []).networking.podSubnet).to.equal(
      "10.244.0.0/16,fd00:10:244::/56",
    );
  });

  it("sets KubeletInUserNamespace only where CAP_SYS_RESOURCE is lacking", () => {
    expect(
      kindConfig(SPEC, adaptationsFor({ lacking: ["CAP_SYS_RESOURCE"], hasCgroupV2: true })).featureGates,
    ).to.deep.equal({
      KubeletInUserNamespace: true,
    });
    expect(
      kindConfig(SPEC, adaptationsFor({ lacking: ["CAP_SYS_TIME"], hasCgroupV2: true })).featureGates,
    ).to.deep.equal({});
  });
});

describe("adaptationsFor", () => {
  it("patches kubeadm's configuration without a version, which kind would have to match", () => {
    const { kubeadmConfigPatches } = kindConfig(SPEC, adaptationsFor({ lacking: [], hasCgroupV2: false }));
    const patches = kubeadmConfigPatches.map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(patches).to.deep.equal([
      { kind: "ClusterConfiguration", etcd: { local: { extraArgs: { "unsafe-no-fsync": "true" } } } },
      {
        kind: "ClusterConfiguration",
        controllerManager: { extraArgs: { "leader-elect": "false" } },
        scheduler: { extraArgs: { "leader-elect": "false" } },
      },
      { kind: "InitConfiguration", patches: { directory: "/opt/plumbline/kubeadm" } },
      { kind: "KubeletConfiguration", failCgroupV1: false },
    ]);
  });
});

describe("specDigest", () => {
  const digest = specDigest(SPEC, ["a"]);
  it("does not depend on the image's name", () => {
    expect(specDigest({ ...SPEC, nodeImage: { ...SPEC.nodeImage, ref: "other" } }, ["a"])).to.equal(digest);
  });
  it("depends on all else", () => {
    const others = [
      specDigest({ ...SPEC, workers: 1 }, ["a"]),
      specDigest({ ...SPEC, ipFamily: "dual" }, ["a"]),
      specDigest({ ...SPEC, stack: "ptp-thin" }, ["a"]),
      specDigest({ ...SPEC, nodeImage: { ref: "node:1", id: "sha256:2" } }, ["a"]),
      specDigest(SPEC, []),
    ];
    expect(new Set([digest, ...others]).size).to.equal(6);
  });
});

describe("specDifferences", () => {
  const record = {
    version: 1 as const,
    spec: SPEC,
    specDigest: "",
    dockerNetwork: "",
    adaptations: ["a"],
    startedAt: {},
    ready: true,
  };

  it("is empty for a cluster that serves", () => {
    expect(specDifferences(record, { ...SPEC, nodeImage: { ref: "other", id: "sha256:1" } }, ["a"])).to.deep.equal([]);
  });

  it("tells each thing that differs", () => {
    const other = { ...SPEC, workers: 1, stack: "flannel-thin", nodeImage: { ref: "node:2", id: "sha256:2" } };
    expect(specDifferences({ ...record, ready: false }, other, [])).to.deep.equal([
      "its stack is ptp-thick, not flannel-thin",
      "it has 2 workers, not 1",
      "its nodes run node:1, not node:2",
      "it was set up differently for this host",
      "its stack was not installed to the end",
    ]);
  });

  it("tells what a run has left changed", () => {
    const changes = ["planted faults", "MUL-032, MUL-033"];
    expect(specDifferences({ ...record, changes }, SPEC, ["a"])).to.deep.equal([
      "a run on it ended in the middle of planted faults",
      "a run on it ended in the middle of MUL-032, MUL-033",
    ]);
  });
});

describe("stepOf", () => {
  it("takes the steps out of kind's progress and leaves the rest", () => {
    expect(stepOf(" • Preparing nodes 📦 📦   ...")).to.equal("preparing nodes");
    expect(stepOf(" • Ensuring node image (plumbline/node:v1.34.4-a1) 🖼 ...")).to.equal(
      "ensuring node image (plumbline/node:v1.34.4-a1)",
    );
    expect(stepOf(" ✓ Preparing nodes 📦 📦 ")).to.equal(undefined);
    expect(stepOf('Creating cluster "t" ...')).to.equal(undefined);
  });
});
