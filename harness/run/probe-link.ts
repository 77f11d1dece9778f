import { messageOf } from "../core/errors.ts";
import { nthAddress, requireCidr } from "../net/address.ts";
import { Invoker } from "../nodes/invoker.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import type { Feature } from "./detect-features.ts";

export const FOREIGN_MACS = "foreign-macs";

const feature = (present: boolean, evidence: string): Feature => ({ name: FOREIGN_MACS, present, evidence });

interface Link {
  /** Interface of the nodes. */
  readonly master: string;
  /** A range that is free on it, in CIDR notation. */
  readonly range: string;
}

/**
 * Whether the link of the nodes carries frames of addresses that are not the nodes' own, as pods on macvlan have them:
 * clouds and access switches drop these. Seen by a datagram from a macvlan interface on one node to one on another.
 */
export async function probeForeignMacs(nodes: readonly NodeTransport[], link: Link | undefined): Promise<Feature> {
  const [from, to] = nodes;
  if (!link) return feature(false, "the configuration names no interface and no ranges for pods");
  if (!from || !to) return feature(true, "the cluster has one node, so that no frame leaves it");
  const range = requireCidr(link.range);
  const addresses = [250n, 251n].map((n) => nthAddress(range, n).text);
  const what = `a macvlan interface on ${link.master} of ${from.node} and one of ${to.node}`;
  const ends: End[] = [];
  try {
    for (const [i, node] of [from, to].entries()) {
      ends.push(await End.open(node, { master: link.master, address: `${addresses[i]}/${range.prefix}` }));
    }
    const said = await ends[0]?.ping(addresses[1] ?? "");
    return said === undefined
      ? feature(true, `${what} reach each other`)
      : feature(false, `${what} do not reach each other: ${said}`);
  } catch (error) {
    return feature(false, `${what} could not be made: ${messageOf(error)}`);
  } finally {
    for (const end of ends) await end.close();
  }
}

/** An interface in a namespace of its own, which goes with the session that made it. */
class End {
  readonly #invoker: Invoker;
  readonly #netns: string;

  private constructor(invoker: Invoker, netns: string) {
    this.#invoker = invoker;
    this.#netns = netns;
  }

  static async open(
    node: NodeTransport,
    { master, address }: { readonly master: string; readonly address: string },
  ): Promise<End> {
    const invoker = await Invoker.open(node);
    const { path, name } = await invoker.namespace();
    const end = new End(invoker, path);
    try {
      const add = ["ip", "link", "add", "link", master, "name", "plprobe0", "netns", name, "type", "macvlan"];
      await end.#run([...add, "mode", "bridge"]);
      await end.#run(["ip", "address", "add", address, "dev", "plprobe0"], path);
      await end.#run(["ip", "link", "set", "plprobe0", "up"], path);
      return end;
    } catch (error) {
      await end.close();
      throw error;
    }
  }

  async #run(argv: readonly string[], netns?: string): Promise<void> {
    const { exitCode, stderr } = await this.#invoker.exec(argv, netns === undefined ? {} : { netns });
    if (exitCode !== 0) throw new Error(`\`${argv.join(" ")}\`: ${stderr.trim()}`);
  }

  /** @returns why there was no answer; undefined if there was one */
  async ping(address: string): Promise<string | undefined> {
    const argv = ["ping", "-c", "5", "-i", "0.3", "-W", "2", address];
    const { exitCode, stdout, stderr } = await this.#invoker.exec(argv, { netns: this.#netns });
    if (exitCode === 0) return undefined;
    return stderr.trim() || (/\d+ packets transmitted.*/.exec(stdout)?.[0] ?? `exit ${exitCode}`);
  }

  async close(): Promise<void> {
    await this.#invoker.removeNamespace(this.#netns).catch(() => undefined); // the session removes it at its end
    await this.#invoker.close();
  }
}
