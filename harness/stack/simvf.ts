import type { Deadline } from "../core/deadline.ts";
import { harnessError } from "../core/errors.ts";
import { packageVersion } from "../core/package-root.ts";
import { until } from "../core/until.ts";
import { joinFabric, type Fabric } from "../cluster/fabric-network.ts";
import type { KubeObject } from "../kube/client.ts";
import { requireCidr } from "../net/address.ts";
import { SIMVF } from "../nodes/simvf.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import type { Component, StackContext } from "./component.ts";
import { rolledOut, runningImages } from "./daemon-set.ts";
import { readSimvfFixture, SIMVF_UNIT_DIR, type DevicePlugin } from "./device-plugin.ts";
import { pathOf, type VfPlugin } from "./vf-plugin.ts";
import { advertised, loadVfSetup, type VfSetup } from "./vf-pools.ts";

const UNITS = ["plumbline-simvf.service", "plumbline-simvf-watch.service"] as const;
const TIMEOUT_MS = 30_000;

/** The first bus of ours, far from those of real devices. Each node has the next: a VF of another one shows. */
const FIRST_BUS = 0xa0;

/**
 * Virtual functions without hardware on every node, which are restored when the node starts again; a network that joins
 * them; the plugin that moves them; and the device plugin that advertises them.
 */
export function simvf({ devicePlugin, mover }: Parts): Component {
  const setup = loadVfSetup();
  return {
    name: "simvf",
    images: devicePlugin.images,
    plugins: [mover.type],
    // Multus and what it calls must see the PCI tree from their start on
    async prepare(context) {
      const fabric = await joinFabric(context.cluster);
      await Promise.all(
        context.nodes.map((node, i) => bringUp(node, { fabric, bus: busOf(i), setup, context, devicePlugin, mover })),
      );
    },
    async install(context) {
      await devicePlugin.install(context, setup);
    },
    async ready(context, deadline) {
      await rolledOut(context, devicePlugin.daemonSet, deadline);
      await allAdvertised(context, { setup, deadline });
    },
    async subjects(context) {
      const [[image], further] = await Promise.all([
        devicePlugin.isOurs ? runningImages(context, devicePlugin.daemonSet) : [],
        devicePlugin.subjects(context),
      ]);
      const { vfs, pools } = setup;
      return [
        {
          name: "simvf",
          version: packageVersion(),
          origin: "own",
          source: `${vfs} simulated VFs a node, in the pools ${pools.map(({ resource }) => resource).join(", ")}`,
          digest: image?.id ?? "",
          changes: [CHANGES[mover.vfFunction]],
        },
        ...mover.subjects(),
        ...further,
      ];
    },
    async remove(context) {
      await devicePlugin.remove(context);
      await Promise.all(context.nodes.map((node) => bringDown(node, mover, context)));
    },
  };
}

function busOf(n: number): string {
  const bus = FIRST_BUS + n;
  if (bus > 0xff) throw harnessError("PL_SIMVF", `there is no PCI bus left for node ${n + 1}`);
  return bus.toString(16);
}

/** What of the simulation a reader of a report must know. */
const CHANGES = {
  veth: "no hardware: veth pairs on a bridge, a PCI tree over the node's; what a driver enforces is recorded",
  netdevsim:
    "no hardware: veth pairs on a bridge, a PCI tree over the node's, a function of netdevsim, whose driver keeps what is asked and enforces nothing",
} as const;

interface Parts {
  readonly devicePlugin: DevicePlugin;
  readonly mover: VfPlugin;
}

interface BringUp extends Parts {
  readonly fabric: Fabric;
  readonly bus: string;
  readonly setup: VfSetup;
  readonly context: StackContext;
}

async function bringUp(
  node: NodeTransport,
  { fabric, bus, setup, context, devicePlugin, mover }: BringUp,
): Promise<void> {
  await devicePlugin.prepare?.(node, context);
  await mover.install(node, context.signal);
  const files = [
    ...UNITS.map((unit) => [`${SIMVF_UNIT_DIR}/${unit}`, readSimvfFixture(unit)] as const),
    ["/etc/gai.conf", readSimvfFixture("gai.conf").replace("${fabric}", mapped(fabric.subnet))] as const,
  ];
  await Promise.all(files.map(async ([path, content]) => node.writeFile(path, content, 0o644)));
  const { vfs, dpdk } = setup;
  const mac = fabric.macs.get(node.node) ?? "";
  const script = [
    "set -e",
    `${SIMVF} up -vfs ${vfs} -dpdk ${dpdk} -fabric-mac "${mac}" -bus ${bus} -function ${mover.vfFunction} >/dev/null`,
    "systemctl daemon-reload",
    `systemctl enable --now --quiet ${UNITS.join(" ")}`,
  ].join("\n");
  await node.exec(["sh", "-c", script], { timeoutMs: TIMEOUT_MS, signal: context.signal });
}

/** An IPv4 network in the IPv6 notation that glibc's precedences have. */
function mapped(subnet: string): string {
  const { address, prefix } = requireCidr(subnet);
  return `::ffff:${address.text}/${96 + prefix}`;
}

async function bringDown(node: NodeTransport, mover: VfPlugin, { signal }: StackContext): Promise<void> {
  const script = [
    `systemctl disable --now --quiet ${UNITS.toReversed().join(" ")} || true`,
    `rm -f ${UNITS.map((unit) => `${SIMVF_UNIT_DIR}/${unit}`).join(" ")} ${pathOf(mover.type)} /etc/gai.conf`,
    "systemctl daemon-reload",
    `${SIMVF} down`,
  ].join("\n");
  await node.exec(["sh", "-c", script], { timeoutMs: TIMEOUT_MS, signal });
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
