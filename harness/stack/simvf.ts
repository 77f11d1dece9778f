import { readFileSync } from "node:fs";
import type { Deadline } from "../core/deadline.ts";
import { harnessError } from "../core/errors.ts";
import { packageFile, packageVersion } from "../core/package-root.ts";
import { until } from "../core/until.ts";
import { joinFabric } from "../cluster/fabric-network.ts";
import type { KubeObject } from "../kube/client.ts";
import { readSimulatedFunction, SIMVF } from "../nodes/simvf.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import type { Component, StackContext } from "./component.ts";
import { rolledOut, runningImages } from "./daemon-set.ts";
import { parseManifest } from "./manifest.ts";
import { preloadedImageNamed } from "./node-contents.ts";
import { advertised, devicePluginConfig, loadVfSetup, type VfSetup } from "./vf-pools.ts";

const DAEMON_SET = { namespace: "kube-system", name: "plumbline-simvf" } as const;

/** The image that has the device plugin. */
const IMAGE = "test";
const UNITS = ["plumbline-simvf.service", "plumbline-simvf-watch.service"] as const;
const UNIT_DIR = "/etc/systemd/system";
const TIMEOUT_MS = 30_000;

/** The first bus of ours, far from those of real devices. Each node has the next: a VF of another one shows. */
const FIRST_BUS = 0xa0;

/** The plugin of S1, as an install would put it there: whole or not at all. */
const INSTALL_PLUGIN =
  "cp /opt/plumbline/bin/plumbline-sriov /opt/cni/bin/.plumbline-sriov && mv -f /opt/cni/bin/.plumbline-sriov /opt/cni/bin/plumbline-sriov";

/**
 * Virtual functions without hardware on every node, which are restored when the node starts again; a network that joins
 * them; the plugin plumbline-sriov; and the device plugin that advertises them.
 */
export function simvf(): Component {
  const setup = loadVfSetup();
  return {
    name: "simvf",
    images: [IMAGE],
    // Multus and what it calls must see the PCI tree from their start on
    async prepare(context) {
      const macs = await joinFabric(context.cluster);
      await Promise.all(
        context.nodes.map((node, i) => bringUp(node, { mac: macs.get(node.node), bus: busOf(i), setup, context })),
      );
    },
    async install(context) {
      await context.kube.apply(await manifest(context, setup), { signal: context.signal });
    },
    async ready(context, deadline) {
      await rolledOut(context, DAEMON_SET, deadline);
      await allAdvertised(context, { setup, deadline });
    },
    async subjects(context) {
      const [image] = await runningImages(context, DAEMON_SET);
      const { vfs, pools } = setup;
      return [
        {
          name: "simvf",
          version: packageVersion(),
          origin: "own",
          source: `${vfs} simulated VFs a node, in the pools ${pools.map(({ resource }) => resource).join(", ")}`,
          digest: image?.id ?? "",
          changes: [
            "no hardware: veth pairs on a bridge, a PCI tree over the node's; what a driver enforces is recorded",
          ],
        },
      ];
    },
    async remove(context) {
      for (const { apiVersion, kind, metadata } of readManifest()) {
        const { name, namespace } = metadata;
        await context.kube.delete({ apiVersion, kind, namespace, name }, { signal: context.signal });
      }
      await Promise.all(context.nodes.map((node) => bringDown(node, context)));
    },
  };
}

function busOf(n: number): string {
  const bus = FIRST_BUS + n;
  if (bus > 0xff) throw harnessError("PL_SIMVF", `there is no PCI bus left for node ${n + 1}`);
  return bus.toString(16);
}

interface BringUp {
  /** Of its interface to the other nodes. */
  readonly mac: string | undefined;
  readonly bus: string;
  readonly setup: VfSetup;
  readonly context: StackContext;
}

async function bringUp(node: NodeTransport, { mac = "", bus, setup, context }: BringUp): Promise<void> {
  for (const unit of UNITS) {
    await node.writeFile(`${UNIT_DIR}/${unit}`, readFileSync(packageFile("fixtures", "simvf", unit)), 0o644);
  }
  const { vfs, dpdk } = setup;
  const script = [
    "set -e",
    INSTALL_PLUGIN,
    `${SIMVF} up -vfs ${vfs} -dpdk ${dpdk} -fabric-mac "${mac}" -bus ${bus} >/dev/null`,
    "systemctl daemon-reload",
    `systemctl enable --now --quiet ${UNITS.join(" ")}`,
  ].join("\n");
  await node.exec(["sh", "-c", script], { timeoutMs: TIMEOUT_MS, signal: context.signal });
}

async function bringDown(node: NodeTransport, { signal }: StackContext): Promise<void> {
  const script = [
    `systemctl disable --now --quiet ${UNITS.toReversed().join(" ")} || true`,
    `rm -f ${UNITS.map((unit) => `${UNIT_DIR}/${unit}`).join(" ")} /opt/cni/bin/plumbline-sriov`,
    "systemctl daemon-reload",
    `${SIMVF} down`,
  ].join("\n");
  await node.exec(["sh", "-c", script], { timeoutMs: TIMEOUT_MS, signal });
}

function readManifest(values: Readonly<Record<string, string>> = {}): readonly KubeObject[] {
  const file = packageFile("fixtures", "simvf", "device-plugin.yaml");
  // JSON is YAML, so a value stands for itself whatever is in it
  const text = readFileSync(file, "utf8").replaceAll(/: \$\{(\w+)\}$/gm, (_, key: string) => {
    return `: ${JSON.stringify(values[key] ?? "")}`;
  });
  return parseManifest(text, file);
}

async function manifest(context: StackContext, setup: VfSetup): Promise<readonly KubeObject[]> {
  const [image, nodes] = await Promise.all([
    preloadedImageNamed(context, IMAGE),
    Promise.all(context.nodes.map((node) => readSimulatedFunction(node, { signal: context.signal }))),
  ]);
  if (!image) throw harnessError("PL_NO_TEST_IMAGE", "the node image has no test image in it");
  return readManifest({ image: image.ref, config: JSON.stringify(devicePluginConfig(setup, nodes), null, 2) });
}

interface Wait {
  readonly setup: VfSetup;
  readonly deadline: Deadline;
}

/** Waits until every node has all VFs to give, at two looks: a plugin that registers again advertises none for a moment. */
async function allAdvertised({ kube, signal }: StackContext, { setup, deadline }: Wait): Promise<void> {
  const wanted = advertised(setup);
  let looks = 0;
  await until(
    async () => {
      const nodes = await kube.list({ apiVersion: "v1", kind: "Node" }, { signal });
      const short = nodes.filter((node) => !hasAll(node, wanted));
      looks = short.length === 0 && nodes.length > 0 ? looks + 1 : 0;
      return short.map(({ metadata, status }) => ({ node: metadata.name, allocatable: status?.["allocatable"] }));
    },
    {
      what: "all nodes to advertise their VFs",
      deadline,
      signal,
      intervalMs: 300,
      done: () => looks >= 2,
      code: "PL_STACK_READY",
    },
  );
}

function hasAll({ status }: KubeObject, wanted: Readonly<Record<string, string>>): boolean {
  const allocatable = (status?.["allocatable"] ?? {}) as Readonly<Record<string, string>>;
  return Object.entries(wanted).every(([resource, count]) => allocatable[resource] === count);
}
