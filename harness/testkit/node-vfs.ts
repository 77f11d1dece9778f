import { z } from "zod";
import { harnessError, hostError } from "../core/errors.ts";
import { KUBELET_CHECKPOINT } from "../nodes/hardware-vfs.ts";
import { parseSimulatedFunction, SIMVF, SIMVF_DIR, type SimulatedVf } from "../nodes/simvf.ts";
import type { CaseNode } from "./case-node.ts";
import { linkOnNode, vfsWithPlace } from "./real-vfs.ts";
import type { VfSite } from "./vf-site.ts";

const Row = z.object({
  mac: z.string(),
  vlan: z.int(),
  vlanQoS: z.int(),
  vlanProto: z.string(),
  minTxRate: z.int(),
  maxTxRate: z.int(),
  spoofchk: z.string(),
  trust: z.string(),
  linkState: z.string(),
});

/** What a driver would keep of a VF. Nothing of it is enforced. */
export type VfRow = z.output<typeof Row>;

/** A VF that nobody has asked anything of. @source programs/internal/simvf, Fresh */
export const FRESH_ROW: VfRow = {
  mac: "00:00:00:00:00:00",
  vlan: 0,
  vlanQoS: 0,
  vlanProto: "802.1q",
  minTxRate: 0,
  maxTxRate: 0,
  spoofchk: "on",
  trust: "off",
  linkState: "auto",
};

const Event = z.object({ at: z.string(), pci: z.string(), vf: z.int(), interface: z.string(), event: z.string() });

/** A VF that was `lost` with a network namespace, or `made-again`. */
export type VfEvent = z.output<typeof Event>;

const Checkpoint = z.object({
  Data: z.object({
    PodDeviceEntries: z
      .array(
        z.object({
          PodUID: z.string(),
          ContainerName: z.string(),
          ResourceName: z.string(),
          /** By NUMA node; -1 where the plugin names none. */
          DeviceIDs: z.record(z.string(), z.array(z.string())),
        }),
      )
      .nullish(),
  }),
});

/** Devices that the kubelet has given to a container. */
export interface DeviceGrant {
  readonly podUid: string;
  readonly container: string;
  readonly resource: string;
  readonly devices: readonly string[];
  /** NUMA node of each device; undefined where the plugin named none. */
  readonly numaNodes: readonly (number | undefined)[];
}

const CONTROL_FILE = `${SIMVF_DIR}/device-plugin.json`;

/** An interface of the node, or that there is none of its name. */
export interface HomeLink {
  readonly name: string;
  readonly mac: string;
  readonly mtu: number;
  readonly up: boolean;
}

/** The VFs of a node, simulated or real, as the node itself tells of them: Multus has no part in it. */
export class NodeVfs {
  readonly node: CaseNode;
  /** Undefined where they are simulated. */
  readonly site: VfSite | undefined;

  constructor(node: CaseNode, site?: VfSite) {
    this.node = node;
    this.site = site;
  }

  /**
   * All of them, with their place, and the name and the MAC that they have at home. Of real ones those of which this was
   * seen before the first pod.
   */
  async all(): Promise<readonly SimulatedVf[]> {
    if (this.site) return vfsWithPlace(this.node, this.site);
    return parseSimulatedFunction(await this.#said([SIMVF, "status"]), this.node.name).functions;
  }

  /** @param pci an address such as `0000:a1:10.0` @throws PlumblineError PL_SIMVF if the node has no such VF */
  async at(pci: string): Promise<SimulatedVf> {
    const all = await this.all();
    const found = all.find((vf) => vf.pci === pci);
    if (found) return found;
    if (this.site) {
      throw hostError("PL_VF_UNKNOWN", `nothing tells what VF ${pci} of ${this.node.name} is when no pod has it`, {
        hint: "another pod had it when the run began; run again when it is free",
      });
    }
    throw harnessError("PL_SIMVF", `${this.node.name} has no VF ${pci}, only ${all.map((vf) => vf.pci).join(", ")}`);
  }

  /** The interface of a VF as it lies on the node now. @returns undefined while it is away */
  async homeLink(vf: SimulatedVf): Promise<HomeLink | undefined> {
    if (this.site) return linkOnNode(this.node, vf);
    const { exitCode, stdout } = await this.node.exec(["ip", "-j", "link", "show", "dev", vf.interface ?? ""]);
    if (exitCode !== 0) return undefined;
    const [link] = Links.parse(JSON.parse(stdout));
    return link && { name: link.ifname, mac: link.address, mtu: link.mtu, up: link.flags.includes("UP") };
  }

  /** What the function holds of a VF: its driver where that keeps a table (S2), or what was asked (S1). Of a simulated one alone. */
  async row(vf: SimulatedVf): Promise<VfRow> {
    const { vfs } = Table.parse(JSON.parse(await this.#said([SIMVF, "table"])));
    const row = vfs[String(vf.vf)];
    if (row) return row;
    throw harnessError(
      "PL_SIMVF",
      `the table of ${this.node.name} has no VF ${vf.vf}, only ${Object.keys(vfs).join(", ")}`,
    );
  }

  /** Puts a VF that is at home back as it was made: interface, table, and who is told to have it. */
  protected async putRight(pci: string): Promise<void> {
    await this.#said([SIMVF, "tidy", pci]);
  }

  /** VFs that vanished, and were made again, since the node has VFs. Oldest first. A real one outlives its namespace. */
  async events(): Promise<readonly VfEvent[]> {
    if (this.site) return [];
    return jsonLines(await this.#file(`${SIMVF_DIR}/events.jsonl`), Event);
  }

  /** What the kubelet has given to whom. It forgets a pod only when it gives devices again. */
  async grants(): Promise<readonly DeviceGrant[]> {
    const text = await this.#file(KUBELET_CHECKPOINT);
    const entries = text === "" ? [] : (Checkpoint.parse(JSON.parse(text)).Data.PodDeviceEntries ?? []);
    return entries.map(({ PodUID: podUid, ContainerName: container, ResourceName: resource, DeviceIDs }) => {
      const pairs = Object.entries(DeviceIDs).flatMap(([numa, ids]) => ids.map((id) => ({ id, numa: Number(numa) })));
      const sorted = pairs.toSorted((a, b) => a.id.localeCompare(b.id));
      return {
        podUid,
        container,
        resource,
        devices: sorted.map(({ id }) => id),
        numaNodes: sorted.map(({ numa }) => (numa < 0 ? undefined : numa)),
      };
    });
  }

  /**
   * Has the device plugin of this node misbehave until the batch ends: devices that are unhealthy, an Allocate that is slow
   * or fails; by resource, see device-plugin/control.ts.
   */
  async misbehave(control: Readonly<Record<string, unknown>>): Promise<void> {
    this.node.atEnd(async () => this.behave());
    await this.node.writeFile(CONTROL_FILE, JSON.stringify(control));
  }

  /** Has it behave again. */
  async behave(): Promise<void> {
    await this.node.exec(["rm", "-f", CONTROL_FILE]);
  }

  async #said(argv: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.node.exec(argv);
    if (exitCode === 0) return stdout;
    throw harnessError("PL_SIMVF", `${argv.join(" ")} on ${this.node.name} ended with ${exitCode}: ${stderr.trim()}`);
  }

  /** The text of a file; empty if there is none. */
  async #file(path: string): Promise<string> {
    return (await this.node.shell('if [ -e "$1" ]; then cat "$1"; fi', path)).stdout;
  }
}

const Table = z.object({ vfs: z.record(z.string(), Row) });
const Links = z.array(
  z.object({ ifname: z.string(), address: z.string(), mtu: z.number(), flags: z.array(z.string()) }),
);

function jsonLines<T>(text: string, schema: z.ZodType<T>): T[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => schema.parse(JSON.parse(line)));
}
