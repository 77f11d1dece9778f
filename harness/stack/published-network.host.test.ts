import { expect } from "chai";
import { PlumblineError } from "../core/errors.ts";
import { silentProgress } from "../core/ports.ts";
import { obtainManifest } from "../images/obtain-manifest.ts";
import { publishedNetwork, type PublishedNetwork } from "../images/published-network.ts";
import type { KubeObject } from "../kube/client.ts";
import { parseManifest } from "./manifest.ts";
import { patchedObjects } from "./manifest-component.ts";
import { networkManifest } from "./published-network.ts";

interface Container {
  readonly image: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

function containersOf({ spec }: KubeObject): readonly Container[] {
  const pod = (spec as { template?: { spec?: Record<string, Container[]> } } | undefined)?.template?.spec;
  return [...(pod?.["initContainers"] ?? []), ...(pod?.["containers"] ?? [])];
}

/** What is published, with our patches; undefined where it cannot be had on this host. */
async function published(name: string): Promise<readonly KubeObject[] | PlumblineError> {
  const network = publishedNetwork(name) as PublishedNetwork;
  try {
    const source = networkManifest(network, await obtainManifest(network, { progress: silentProgress }), {
      ipFamily: "ipv4",
    });
    return patchedObjects(parseManifest(source.text ?? "", source.file), source, { ipFamily: "ipv4" }).objects;
  } catch (error) {
    if (error instanceof PlumblineError && error.code === "PL_MANIFEST_FETCH") return error;
    throw error;
  }
}

const valuesOf = (objects: readonly KubeObject[], env: string) =>
  objects.flatMap((object) => containersOf(object)).flatMap((c) => c.env?.filter((e) => e.name === env) ?? []);

const DEMANDS: Readonly<Record<string, (objects: readonly KubeObject[]) => void>> = {
  calico(objects) {
    const config = objects.find(({ metadata }) => metadata.name === "calico-config")?.["data"] as Record<
      string,
      string
    >;
    expect(config["calico_backend"], "no BGP").to.equal("vxlan");
    expect(config["cni_network_config"])
      .to.contain('"name": "k8s-pod-network"')
      .and.to.contain('"cniVersion": "0.3.1"');
    const values = ["CALICO_IPV4POOL_IPIP", "CALICO_IPV4POOL_VXLAN", "CALICO_IPV4POOL_CIDR"].map((name) =>
      valuesOf(objects, name).map(({ value }) => value),
    );
    expect(values).to.deep.equal([["Never"], ["Always"], ["10.244.0.0/16"]]);
    expect(valuesOf(objects, "CNI_CONF_NAME").map(({ value }) => value)).to.deep.equal(["10-calico.conflist"]);
  },
  kindnet(objects) {
    expect(valuesOf(objects, "POD_SUBNET").map(({ value }) => value)).to.deep.equal(["10.244.0.0/16"]);
  },
  cilium(objects) {
    const config = objects.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "cilium-config");
    expect(config?.["data"]).to.include({ "cni-exclusive": "false", ipam: "kubernetes", "tunnel-protocol": "vxlan" });
  },
};

describe("what projects publish of their networks, with our patches", () => {
  for (const [name, demand] of Object.entries(DEMANDS)) {
    it(`${name}: images and settings are as asked for`, async function () {
      this.timeout(600_000);
      const objects = await published(name);
      if (objects instanceof PlumblineError) {
        process.stderr.write(`${objects.code}: ${objects.message}\n`);
        this.skip();
        return;
      }
      const { images, daemonSet, deployments } = publishedNetwork(name) as PublishedNetwork;
      const run = new Set(objects.flatMap((object) => containersOf(object)).map(({ image }) => image));
      expect([...run].toSorted()).to.deep.equal(images.toSorted());
      for (const { kind, ref } of [
        { kind: "DaemonSet", ref: daemonSet },
        ...deployments.map((deployment) => ({ kind: "Deployment", ref: deployment })),
      ]) {
        const found = objects.find((object) => object.kind === kind && object.metadata.name === ref.name);
        expect(found?.metadata.namespace, `${kind} ${ref.name}`).to.equal(ref.namespace);
      }
      demand(objects);
    });
  }
});
