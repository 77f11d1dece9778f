import { expect } from "chai";
import type { KubeClient } from "../kube/client.ts";
import { KubeApiError } from "../kube/kube-api-error.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { multusFeatures } from "./multus-features.ts";

/** Stands in for nodes that have this text in Multus' file. */
function nodesWith(...texts: readonly string[]): readonly NodeTransport[] {
  return texts.map(
    (stdout, i) =>
      ({ node: `n${i}`, exec: async () => ({ stdout, stderr: "", exitCode: stdout === "" ? 1 : 0 }) }) as never,
  );
}

const withDaemon = (text: string): Pick<KubeClient, "get"> => ({
  get: async () => ({ data: { "daemon-config.json": text } }) as never,
});
const without: Pick<KubeClient, "get"> = { get: async () => undefined };

/** Those of two that are present. */
async function present(
  kube: Pick<KubeClient, "get">,
  nodes: readonly NodeTransport[],
  of: readonly string[] = ["namespace-isolation", "other-namespaces"],
): Promise<readonly string[]> {
  const features = await multusFeatures(kube, nodes);
  return features.filter((feature) => feature.present && of.includes(feature.name)).map(({ name }) => name);
}

describe("features of Multus' configuration", () => {
  it("follow the nodes' files where there is no daemon", async () => {
    const isolated = JSON.stringify({ type: "multus", namespaceIsolation: true });
    expect(await present(without, nodesWith(isolated, isolated))).to.deep.equal(["namespace-isolation"]);
    expect(await present(without, nodesWith(`{"type":"multus"}`, ""))).to.deep.equal(["other-namespaces"]);
    const list = JSON.stringify({ name: "m", plugins: [{ type: "multus", namespaceIsolation: true }] });
    expect(await present(without, nodesWith(list)), "in a list").to.deep.equal(["namespace-isolation"]);
    expect(await present(without, nodesWith("not json"))).to.deep.equal(["other-namespaces"]);
  });

  it("follow the daemon where it says something", async () => {
    const isolated = withDaemon(JSON.stringify({ namespaceIsolation: true }));
    expect(await present(isolated, nodesWith(`{"namespaceIsolation": false}`))).to.deep.equal(["namespace-isolation"]);
    expect(await present(withDaemon("{}"), nodesWith(`{"namespaceIsolation": true}`))).to.deep.equal([
      "namespace-isolation",
    ]);
  });

  it("are both absent where nodes differ, and say which does", async () => {
    const features = await multusFeatures(without, nodesWith("{}", `{"namespaceIsolation": true}`));
    expect(features.slice(0, 2).map((feature) => feature.present)).to.deep.equal([false, false]);
    expect(features[1]?.evidence).to.equal("namespaceIsolation is true in /etc/cni/net.d/00-multus.conf on n1");
  });

  it("tell whether pods get networks that they did not ask for, and which", async () => {
    const networks = ["default-networks", "pods-as-asked"];
    const given = withDaemon(JSON.stringify({ defaultNetworks: ["storage", "logs"] }));
    expect(await present(given, nodesWith("{}"), networks)).to.deep.equal(["default-networks"]);
    expect(await present(without, nodesWith("{}", "{}"), networks)).to.deep.equal(["pods-as-asked"]);
    expect(await present(withDaemon(`{"defaultNetworks": []}`), nodesWith("{}"), networks)).to.deep.equal([
      "pods-as-asked",
    ]);
    const thin = nodesWith("{}", `{"plugins": [{"defaultNetworks": ["storage"]}]}`);
    expect(await present(without, thin, networks), "nodes that differ").to.deep.equal([]);
    const asked = (await multusFeatures(without, thin)).find(({ name }) => name === "pods-as-asked");
    expect(asked?.evidence).to.equal(
      "Multus gives every pod storage: defaultNetworks in /etc/cni/net.d/00-multus.conf on n1",
    );
  });

  it("do without a configuration that the user may not read, and hide no other error", async () => {
    const refused = (status: number): Pick<KubeClient, "get"> => ({
      get: async () => {
        throw new KubeApiError("GET configmaps", { status } as never);
      },
    });
    expect(await present(refused(403), nodesWith("{}"))).to.deep.equal(["other-namespaces"]);
    const error: unknown = await multusFeatures(refused(500), nodesWith("{}")).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(KubeApiError);
  });
});
