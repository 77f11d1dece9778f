import { expect } from "chai";
import { specDigest } from "./cluster-record.ts";
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
    expect(kindConfig(SPEC, adaptationsFor(["CAP_SYS_RESOURCE"])).featureGates).to.deep.equal({
      KubeletInUserNamespace: true,
    });
    expect(kindConfig(SPEC, adaptationsFor(["CAP_SYS_TIME"])).featureGates).to.deep.equal({});
  });
});

describe("adaptationsFor", () => {
  it("patches kubeadm's configuration without a version, which kind would have to match", () => {
    const { kubeadmConfigPatches } = kindConfig(SPEC, adaptationsFor([]));
    const patches = kubeadmConfigPatches.map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(patches).to.deep.equal([
      { kind: "ClusterConfiguration", etcd: { local: { extraArgs: { "unsafe-no-fsync": "true" } } } },
      { kind: "InitConfiguration", patches: { directory: "/opt/plumbline/kubeadm" } },
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
