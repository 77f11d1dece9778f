import { POD_SUBNETS } from "../cluster/kind-config.ts";
import type { ClusterSpec } from "../cluster/cluster.ts";
import { harnessError } from "../core/errors.ts";
import type { NetworkSupply } from "../images/obtain-network.ts";
import type { PublishedNetwork } from "../images/published-network.ts";
import type { KubeObject } from "../kube/client.ts";
import { fileWritten } from "./cni-config.ts";
import type { Component, StackContext } from "./component.ts";
import { deploymentAvailable, rolledOut } from "./daemon-set.ts";
import { CNI_CONF_DIR } from "../nodes/cni-folders.ts";
import {
  applyManifest,
  daemonSubject,
  patchedManifest,
  removeManifest,
  type ManifestSource,
} from "./manifest-component.ts";

/** Stands in data for the pod ranges of the cluster. */
const POD_RANGES = /\$\{podRanges\}/g;

/**
 * A default network as its project publishes it.
 * @param supply what it is installed from; undefined where nothing is installed, as when stacks are listed
 */
export function publishedNetworkComponent(network: PublishedNetwork, supply: NetworkSupply | undefined): Component {
  const { name, version, plugins, daemonSet, deployments, conf, nodeFiles } = network;
  const source = ({ cluster }: StackContext): ManifestSource => {
    if (supply) return networkManifest(network, supply.manifest, cluster.spec);
    throw harnessError(
      "PL_NETWORK_SUPPLY",
      `the default network ${name} is to be installed, and nothing was obtained for it`,
    );
  };
  const objects = network.objects.map(({ object }) => object as KubeObject);
  return {
    name,
    images: [],
    plugins,
    async install(context) {
      const manifest = source(context);
      await applyManifest(context, manifest, [...(await patchedManifest(context, manifest)).objects, ...objects]);
    },
    async ready(context, deadline) {
      const wait = { context, deadline };
      await Promise.all([
        rolledOut(context, daemonSet, deadline),
        ...deployments.map((deployment) => deploymentAvailable(context, deployment, deadline)),
        ...[`${CNI_CONF_DIR}/${conf.file}`, ...nodeFiles].map((file) => fileWritten(file, `${file} of ${name}`, wait)),
      ]);
    },
    async subjects(context) {
      const image = supply?.images.find(({ ref }) => ref === daemonSet.image)?.subject;
      const subject = await daemonSubject(context, { name, version, daemonSet, manifest: source(context), image });
      const added = network.objects.map(({ change, reason }) => `${change} (${reason})`);
      return [{ ...subject, changes: [...subject.changes, ...added] }];
    },
    async remove(context) {
      await removeManifest(context, source(context));
    },
  };
}

/** Its manifest for a cluster, with what is changed in it. */
export function networkManifest(
  { name, patches, placeholders }: PublishedNetwork,
  manifest: string,
  { ipFamily }: Pick<ClusterSpec, "ipFamily">,
): ManifestSource {
  const podRanges = ipFamily === "dual" ? `${POD_SUBNETS[4]},${POD_SUBNETS[6]}` : POD_SUBNETS[4];
  const text = Object.entries(placeholders).reduce(
    (whole, [placeholder, value]) => whole.replaceAll(placeholder, value.replaceAll(POD_RANGES, podRanges)),
    manifest,
  );
  return { file: `the manifest of ${name}`, text, patches, values: { podRanges } };
}
