import { expect } from "chai";
import type { KubeClient } from "../kube/client.ts";
import { KubeApiError } from "../kube/kube-api-error.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { isolationFeatures } from "./isolation-features.ts";

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

async function present(kube: Pick<KubeClient, "get">, nodes: readonly NodeTransport[]): Promise<readonly string[]> {
  return (await isolationFeatures(kube, nodes)).filter((feature) => feature.present).map(({ name }) => name);
}

describe("features of isolation", () => {
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
    const features = await isolationFeatures(without, nodesWith("{}", `{"namespaceIsolation": true}`));
    expect(features.map((feature) => feature.present)).to.deep.equal([false, false]);
    expect(features[1]?.evidence).to.equal("namespaceIsolation is true in /etc/cni/net.d/00-multus.conf on n1");
  });

  it("do without a configuration that the user may not read, and hide no other error", async () => {
    const refused = (status: number): Pick<KubeClient, "get"> => ({
      get: async () => {
        throw new KubeApiError("GET configmaps", { status } as never);
      },
    });
    expect(await present(refused(403), nodesWith("{}"))).to.deep.equal(["other-namespaces"]);
    const error: unknown = await isolationFeatures(refused(500), nodesWith("{}")).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(KubeApiError);
  });
});
