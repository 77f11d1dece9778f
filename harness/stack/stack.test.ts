import { expect } from "chai";
import type { KubeObject } from "../kube/client.ts";
import { parseManifest } from "./manifest.ts";
import { applyPatches, loadPatches, type Patch } from "./patch-set.ts";
import { conflist } from "./ptp.ts";
import type { MultusSupply } from "../images/obtain-multus.ts";
import { differsInMultusAlone, loadStack, stackNamed, stackNames } from "./stack.ts";
import { isRolledOut } from "./daemon-set.ts";

const PATCH_FILES = [
  "multus-thick-image",
  "multus-thin-image",
  "multus-limits",
  "multus-thick-log",
  "multus-thin-log",
  "multus-thick-cni-version",
  "multus-thin-cni-version",
  "flannel",
  "flannel-cni-version",
  "whereabouts-image",
  "kube-router",
  "sriov-device-plugin",
  "calico",
  "kindnet",
];

/** What a stack that is built may have besides. */
const MORE = ["simvf", "simvf-netdevsim", "simvf-sriovdp", "whereabouts", "kube-router"];

const VALUES = { image: "example.com/multus:v1", tag: "v1", cniVersion: "1.0.0", podRanges: "10.244.0.0/16" };

/** A Multus that is not the stack's own, as far as the stack looks at it. */
function supply(version: string): MultusSupply {
  const subject = { name: "multus", version, origin: "built here", source: "", digest: "", changes: [] } as const;
  const id = `sha256:${version}`;
  return { image: { name: "multus", ref: "r", localRef: "r", id, subject, contents: [] }, manifest: undefined };
}

describe("stacks", () => {
  it("all load, and have the mode and the default network of their name", () => {
    const plain = ["flannel-thick", "flannel-thin", "ptp-thick", "ptp-thin"];
    const published = ["calico", "cilium", "kindnet"].flatMap((name) => [`${name}-thick`, `${name}-thin`]);
    const built = plain.flatMap((name) => [name, ...MORE.map((more) => `${name}-${more}`)]);
    const configured = ["ptp-thick-default-networks", "ptp-thick-isolated", "ptp-thin-isolated"];
    expect(stackNames()).to.deep.equal([...built, ...configured, ...published].toSorted());
    for (const name of stackNames()) {
      const stack = loadStack(name);
      const names = stack.components.map((component) => component.name);
      const more = ["simvf", "whereabouts", "kube-router"].filter((one) => names.includes(one));
      if (stack.devicePlugin === "upstream") more.push("sriovdp");
      if (stack.vfFunction === "netdevsim") more.push("netdevsim");
      if (stack.multus.settings?.namespaceIsolation) more.push("isolated");
      if (stack.multus.settings?.defaultNetworks) more.push("default-networks");
      expect([stack.defaultNetwork, stack.multus.mode, ...more].join("-")).to.equal(name);
    }
  });

  it("know the plugins that they put on the nodes", () => {
    const plugins = (name: string): readonly string[] => loadStack(name).components.flatMap((one) => one.plugins);
    expect(plugins("ptp-thin")).to.deep.equal(["multus", "passthru"]);
    expect(plugins("flannel-thick-whereabouts")).to.have.members(["flannel", "multus-shim", "passthru", "whereabouts"]);
    expect(plugins("ptp-thick-simvf-netdevsim")).to.include("sriov");
    expect(plugins("calico-thick")).to.include.members(["calico", "calico-ipam"]);
  });

  it("know the published network that they stand on, by the configuration that it writes", () => {
    const { published, clusterNetworkName, cniVersion } = loadStack("calico-thin");
    expect([published?.conf.file, clusterNetworkName, cniVersion]).to.deep.equal([
      "10-calico.conflist",
      "k8s-pod-network",
      "0.3.1",
    ]);
    expect(loadStack("ptp-thin").published).to.equal(undefined);
    expect(loadStack("kindnet-thin").base).not.to.equal(loadStack("calico-thin").base);
    expect(loadStack("kindnet-thin").base).to.equal(loadStack("kindnet-thick").base);
  });

  it("with VFs differ in who gives them out, and in nothing else", () => {
    const [own, upstream] = [loadStack("ptp-thin-simvf"), loadStack("ptp-thin-simvf-sriovdp")];
    expect([own.devicePlugin, upstream.devicePlugin, loadStack("ptp-thin").devicePlugin]).to.deep.equal([
      "own",
      "upstream",
      undefined,
    ]);
    const images = (stack: typeof own) => stack.components.find(({ name }) => name === "simvf")?.images;
    expect([images(own), images(upstream)]).to.deep.equal([["test"], []]);
    expect(differsInMultusAlone("ptp-thin-simvf", upstream)).to.equal(false);
    expect(differsInMultusAlone("ptp-thick-simvf-sriovdp", upstream)).to.equal(true);
  });

  it("with VFs differ in what their function is made of, which no change of Multus makes another", () => {
    const [veth, netdevsim] = [loadStack("ptp-thin-simvf"), loadStack("ptp-thin-simvf-netdevsim")];
    expect([veth.vfFunction, netdevsim.vfFunction, loadStack("ptp-thin").vfFunction]).to.deep.equal([
      "veth",
      "netdevsim",
      undefined,
    ]);
    expect(differsInMultusAlone("ptp-thin-simvf", netdevsim)).to.equal(false);
  });

  it("refuses an unknown name and tells the known ones", () => {
    expect(() => stackNamed("nope"))
      .to.throw(/there is no stack/)
      .with.property("hint", `there are ${stackNames().join(", ")}`);
  });

  it("is told from itself with another Multus or CNI version, and becomes it in place where Multus alone differs", () => {
    const own = loadStack("ptp-thick");
    const other = loadStack("ptp-thin", { multus: supply("v4.2.3") });
    const older = loadStack("ptp-thick", { cniVersion: "0.4.0" });
    expect(other.multus).to.deep.equal({ version: "v4.2.3", mode: "thin" });
    expect([own.identity, other.identity, older.identity]).to.deep.equal([
      "ptp-thick",
      "ptp-thin multus sha256:v4.2.3",
      "ptp-thick cni 0.4.0",
    ]);
    expect(differsInMultusAlone(own.identity, other)).to.equal(true);
    expect(differsInMultusAlone(other.identity, own)).to.equal(true);
    expect(differsInMultusAlone(own.identity, own), "itself").to.equal(false);
    expect(differsInMultusAlone("flannel-thick", own), "another network").to.equal(false);
    expect(differsInMultusAlone("ptp-thick-whereabouts", own), "an IPAM plugin more").to.equal(false);
    expect(differsInMultusAlone("ptp-thin cni 0.4.0", own), "another CNI version").to.equal(false);
    expect(differsInMultusAlone("ptp-thin cni 0.4.0", older)).to.equal(true);
    expect(differsInMultusAlone("gone-thick", own), "a stack of an older harness").to.equal(false);
  });

  it("is told from itself with another configuration of Multus, which can be changed in place", () => {
    const own = loadStack("ptp-thick");
    const limited = loadStack("ptp-thick", { multusSettings: { connectionLimit: 2, metricsPort: 9091 } });
    const same = loadStack("ptp-thick", { multusSettings: { metricsPort: 9091, connectionLimit: 2 } });
    expect(limited.identity)
      .to.match(/^ptp-thick settings [0-9a-f]{12}$/)
      .and.to.equal(same.identity);
    expect(differsInMultusAlone(own.identity, limited)).to.equal(true);
    expect(differsInMultusAlone(limited.identity, own)).to.equal(true);
    expect(differsInMultusAlone(limited.identity, loadStack("ptp-thick-isolated"))).to.equal(true);
  });

  it("has the keys of its file and those that were asked for, which win", () => {
    expect(loadStack("ptp-thin").multus).to.deep.equal({ version: "v4.3.0", mode: "thin" });
    const { settings } = loadStack("ptp-thin-isolated", { multusSettings: { globalNamespaces: "shared" } }).multus;
    expect(settings).to.deep.equal({ namespaceIsolation: true, globalNamespaces: "shared" });
    const open = loadStack("ptp-thin-isolated", { multusSettings: { namespaceIsolation: false } }).multus.settings;
    expect(open).to.deep.equal({ namespaceIsolation: false });
  });

  it("refuses a key of the daemon in thin mode, and says which there are", () => {
    expect(() => loadStack("ptp-thin", { multusSettings: { connectionLimit: 2 } }))
      .to.throw("Multus in thin mode has no setting connectionLimit")
      .with.property("hint")
      .that.matches(/^it has namespaceIsolation, globalNamespaces, readinessindicatorfile;/);
  });
});

describe("patches", () => {
  const config = (json: string): KubeObject => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "c" },
    data: { "x.json": json },
  });
  const patch: Patch = {
    change: "level debug",
    reason: "evidence",
    target: { kind: "ConfigMap", name: "c" },
    inside: "/data/x.json",
    operations: [{ op: "replace", path: "/level", value: "debug" }],
  };

  it("all load and say why", () => {
    for (const file of PATCH_FILES)
      for (const { reason } of loadPatches(file, VALUES)) expect(reason).to.match(/\w+ \w+/);
  });

  it("refuse to leave a placeholder open", () => {
    expect(() => loadPatches("multus-thick-image", { image: "a" })).to.throw(/nothing is known for \$\{tag\}/);
  });

  it("reach into a field that holds JSON, and are told in one line each", () => {
    const { objects, changes } = applyPatches([config('{"level":"verbose","a":1}')], [patch], { ipFamily: "ipv4" });
    const data = objects[0]?.["data"] as Record<string, string> | undefined;
    expect(JSON.parse(data?.["x.json"] ?? "")).to.deep.equal({
      level: "debug",
      a: 1,
    });
    expect(changes).to.deep.equal(["level debug (evidence)"]);
  });

  it("are left out where they do not apply", () => {
    const dual: Patch = { ...patch, when: { ipFamily: "dual" } };
    expect(applyPatches([config("{}")], [dual], { ipFamily: "ipv4" }).changes).to.deep.equal([]);
  });

  it("refuse a manifest that is not as they expect it", () => {
    expect(() => applyPatches([config("{}")], [patch], { ipFamily: "ipv4" })).to.throw(/does not fit ConfigMap c/);
    expect(() => applyPatches([], [patch], { ipFamily: "ipv4" })).to.throw(/has no ConfigMap c/);
  });
});

describe("parseManifest", () => {
  it("reads all documents and octal numbers as kubectl does", () => {
    const text =
      "---\nkind: A\napiVersion: v1\nmetadata: {name: a}\nmode: 0644\n---\n# nothing\n---\nkind: B\napiVersion: v1\nmetadata: {name: b}\n";
    const objects = parseManifest(text, "m.yml");
    expect(objects.map((o) => o.kind)).to.deep.equal(["A", "B"]);
    expect(objects[0]?.["mode"]).to.equal(0o644);
  });

  it("refuses what is no object", () => {
    expect(() => parseManifest("a: 1\n", "m.yml")).to.throw(/no Kubernetes object/);
  });
});

describe("the conflist of ptp", () => {
  it("has a range and a default route for each family", () => {
    const plugins = conflist({ podCidrs: ["10.244.1.0/24", "fd00:10:244:1::/64"] })["plugins"] as readonly {
      ipam?: unknown;
    }[];
    expect(plugins[0]?.ipam).to.deep.equal({
      type: "host-local",
      ranges: [[{ subnet: "10.244.1.0/24" }], [{ subnet: "fd00:10:244:1::/64" }]],
      routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0" }],
    });
  });
});

describe("isRolledOut", () => {
  const object = (status: Record<string, number>): KubeObject => ({
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "d", generation: 2 },
    status,
  });
  const all = { observedGeneration: 2, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 };
  it("wants the present generation on every node, available", () => {
    expect(isRolledOut(object(all), 2)).to.equal(true);
    expect(isRolledOut(object(all), 3)).to.equal(false);
    expect(isRolledOut(object({ ...all, observedGeneration: 1 }), 2)).to.equal(false);
    expect(isRolledOut(object({ ...all, numberAvailable: 1 }), 2)).to.equal(false);
    expect(isRolledOut(object({}), 2)).to.equal(false);
  });
});
