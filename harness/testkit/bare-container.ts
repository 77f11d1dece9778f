import { z } from "zod";
import { anyNode } from "./node-of.ts";
import type { Invoker, PluginInvocation, Ran, ScratchNamespace } from "../nodes/invoker.ts";
import type { KernelLink } from "../verdicts/pod-observation.ts";
import type { CaseNode } from "./case-node.ts";
import { layGround } from "./plugin-ground.ts";
import type { CniCommand } from "./scripted-network.ts";

type Json = Readonly<Record<string, unknown>>;

/** What a plugin answered to one command. */
export interface PluginAnswer {
  readonly exitCode: number;
  /** Its standard output as JSON; undefined where that is no single object. */
  readonly json: Json | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CallChange {
  /** Other values of CNI variables; `null` leaves one out. */
  readonly env?: Readonly<Record<string, string | null>>;
  /** In place of the configuration, as it stands. */
  readonly stdin?: string;
}

const linksSchema = z.array(
  z.object({
    ifname: z.string(),
    address: z.string().default(""),
    mtu: z.number(),
    linkinfo: z.object({ info_kind: z.string().optional() }).optional(),
    addr_info: z.array(z.object({ local: z.string(), prefixlen: z.number(), scope: z.string() })),
  }),
);
const routesSchema = z.array(z.object({ dst: z.string(), gateway: z.string().optional(), dev: z.string().optional() }));

/** A container without a runtime: a network namespace on a node, for which a case calls plugins itself. */
export class BareContainer {
  readonly id: string;
  readonly ifname: string;
  readonly netns: string;
  readonly invoker: Invoker;
  /** Name of the plugin under test. */
  readonly subject: string | undefined;
  readonly #node: CaseNode;
  readonly #inode: number;

  private constructor(made: {
    readonly id: string;
    readonly ifname: string;
    readonly node: CaseNode;
    readonly invoker: Invoker;
    readonly namespace: ScratchNamespace;
  }) {
    this.id = made.id;
    this.ifname = made.ifname;
    this.netns = made.namespace.path;
    this.invoker = made.invoker;
    this.subject = made.node.subject;
    this.#node = made.node;
    this.#inode = made.namespace.inode;
  }

  /** @param nodes it lies on the first of them @param id faults are narrowed by it: begin it with the case's own name */
  static async open(nodes: readonly CaseNode[], id: string, ifname = "net1"): Promise<BareContainer> {
    const node = anyNode(nodes);
    const invoker = await node.invoker();
    return new BareContainer({ id, ifname, node, invoker, namespace: await invoker.namespace() });
  }

  /** Lays what the plugin of a configuration needs to be on the node. @returns the configuration with it */
  async groundFor(config: Json): Promise<Json> {
    return layGround(this.#node, config, this.#inode);
  }

  /** Calls the plugin that the configuration's `type` names. */
  async call(command: CniCommand, config: Json, change: CallChange = {}): Promise<PluginAnswer> {
    return this.#ask({ command, config, change, container: this });
  }

  /** Calls the IPAM plugin of a configuration as an interface plugin does: with that plugin's configuration. */
  async callIpam(command: CniCommand, config: Json, change: CallChange = {}): Promise<PluginAnswer> {
    const { type } = z.looseObject({ type: z.string() }).parse(config["ipam"]);
    return this.#ask({ command, config, change, container: this, binary: type });
  }

  async #ask(call: PluginCallOf): Promise<PluginAnswer> {
    const invocation = invocationOf(call);
    const ran = await this.invoker.call(invocation);
    this.#node.held.note(invocation, ran);
    return answerOf(ran);
  }

  /**
   * Calls the plugin for several containers at once.
   * @param what the configuration for all, or what each is given; `binary` is called in place of the configuration's `type`
   * @returns the answers in their order
   */
  static async callForAll(
    containers: readonly BareContainer[],
    command: CniCommand,
    what:
      | Json
      | ((container: BareContainer) => {
          readonly config: Json;
          readonly change: CallChange;
          readonly binary?: string;
        }),
  ): Promise<readonly PluginAnswer[]> {
    const given = typeof what === "function" ? what : () => ({ config: what, change: {} });
    const calls = containers.map((container) => ({
      container,
      invocation: invocationOf({ command, container, ...given(container) }),
    }));
    const ran = (await containers[0]?.invoker.parallel(calls.map(({ invocation }) => invocation))) ?? [];
    for (const [i, answer] of ran.entries()) {
      const call = calls[i];
      if (call) call.container.#node.held.note(call.invocation, answer);
    }
    return ran.map(answerOf);
  }

  /** Interfaces inside, without the kernel's own IPv6 addresses. */
  async links(): Promise<readonly KernelLink[]> {
    const { stdout } = await this.exec("ip", "-json", "-details", "address", "show");
    return linksSchema.parse(JSON.parse(stdout)).map((link) => ({
      name: link.ifname,
      mac: link.address,
      mtu: link.mtu,
      linkKind: link.linkinfo?.info_kind,
      addresses: link.addr_info.filter(({ scope }) => scope !== "link").map((a) => `${a.local}/${a.prefixlen}`),
    }));
  }

  /** IPv4 routes of the main table. */
  async routes(): Promise<readonly { dst: string; via?: string | undefined; dev?: string | undefined }[]> {
    const { stdout } = await this.exec("ip", "-json", "-4", "route", "show");
    return routesSchema.parse(JSON.parse(stdout)).map(({ dst, gateway: via, dev }) => ({ dst, via, dev }));
  }

  /** Runs a program inside. */
  async exec(
    ...argv: readonly string[]
  ): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }> {
    return this.invoker.exec(argv, { netns: this.netns });
  }

  async removeNetns(): Promise<void> {
    await this.invoker.removeNamespace(this.netns);
  }
}

interface PluginCallOf {
  readonly command: CniCommand;
  readonly config: Json;
  readonly change: CallChange;
  readonly container: Pick<BareContainer, "id" | "ifname" | "netns" | "subject">;
  readonly binary?: string;
}

function invocationOf({ command, config, change, container, ...call }: PluginCallOf): PluginInvocation {
  const binary = call.binary ?? z.string().parse(config["type"]);
  const names = [binary, ipamOf(config)];
  return {
    binary,
    env: {
      // those who wrote it for Kubernetes may count on it, which is CNI-006's business and nobody else's
      ...(container.subject !== undefined && names.includes(container.subject)
        ? { CNI_ARGS: `IgnoreUnknown=1;K8S_POD_NAMESPACE=plumbline;K8S_POD_NAME=${container.id}` }
        : {}),
      CNI_COMMAND: command,
      CNI_CONTAINERID: container.id,
      CNI_NETNS: container.netns,
      CNI_IFNAME: container.ifname,
      ...change.env,
    },
    stdin: change.stdin ?? config,
  };
}

function ipamOf(config: Json): string | undefined {
  return z.looseObject({ ipam: z.looseObject({ type: z.string() }) }).safeParse(config).data?.ipam.type;
}

function answerOf({ exitCode, stdout, stderr }: Ran): PluginAnswer {
  return { exitCode, json: objectIn(stdout), stdout, stderr };
}

function objectIn(text: string): Json | undefined {
  try {
    return z.record(z.string(), z.unknown()).safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** What an answer is, in a few words: for tables of many plugins. */
export function inShort({ exitCode, json, stdout }: PluginAnswer): string {
  const { code, msg, details } = json ?? {};
  const said =
    code === undefined ? stdout.trim().slice(0, 80) : [code, msg, details].filter(Boolean).join(", ").slice(0, 600);
  return exitCode === 0 ? `exit 0 ${said}`.trim() : `exit ${exitCode}: ${said}`;
}
