import {
  anyNode,
  BareContainer,
  inShort,
  type CaseNode,
  type LiveNetwork,
  type PluginAnswer,
} from "../../harness/testkit/index.ts";

/** What CNI demands of plugins that make an interface, and where plugins do otherwise: a sentence each. */

type Config = Readonly<Record<string, unknown>>;

/** Plugins to ask, by their name, and where. */
export interface Asked {
  /** Begins the names of containers: faults are narrowed by it. */
  readonly prefix: string;
  readonly nodes: readonly CaseNode[];
  readonly live: LiveNetwork;
  readonly configs: Readonly<Record<string, Config>>;
}

interface Interface {
  readonly name: string;
  readonly mac?: string;
  readonly sandbox?: string;
}
interface Ip {
  readonly version?: string;
  readonly address: string;
  readonly interface?: number;
}

export const interfacesOf = ({ json }: PluginAnswer): readonly Interface[] =>
  (json?.["interfaces"] ?? []) as readonly Interface[];
export const ipsOf = ({ json }: PluginAnswer): readonly Ip[] => (json?.["ips"] ?? []) as readonly Ip[];
const routesOf = ({ json }: PluginAnswer): readonly { dst?: string }[] =>
  (json?.["routes"] ?? []) as readonly { dst?: string }[];

/** Those of CNI that results may be asked for in. */
export const VERSIONS = ["0.3.1", "0.4.0", "1.0.0", "1.1.0"] as const;

/** What every configuration of ours asks for. */
const ROUTE = "198.51.100.0/24";

/** Whether they make the interface of the name asked for, and what they do where the name is taken. */
export async function namesOf({ prefix, nodes, configs }: Asked): Promise<{ made: string[]; taken: string[] }> {
  const made: string[] = [];
  const taken: string[] = [];
  for (const [type, plain] of Object.entries(configs)) {
    const container = await BareContainer.open(nodes, `${prefix}-${type}`);
    const config = await container.groundFor(plain);
    const answer = await container.call("ADD", config);
    const names = (await container.links()).map(({ name }) => name);
    if (answer.exitCode !== 0 || !names.includes("net1")) made.push(`${type}: ${names.join()}, ${inShort(answer)}`);
    await container.call("DEL", config);
    const other = await BareContainer.open(nodes, `${prefix}-${type}-taken`);
    const again = await other.groundFor(plain);
    await other.exec("ip", "link", "add", "net1", "type", "bridge");
    const before = (await other.links()).find(({ name }) => name === "net1");
    const refused = await other.call("ADD", again);
    const after = (await other.links()).find(({ name }) => name === "net1");
    if (refused.exitCode === 0) taken.push(`${type}: ${inShort(refused)}`);
    if (after?.mac !== before?.mac) taken.push(`${type}: what had the name is gone`);
    await other.call("DEL", again);
  }
  return { made, taken };
}

/** Where the interfaces of a result are not what the kernel has. */
async function wrongInterfaces(container: BareContainer, answer: PluginAnswer): Promise<readonly string[]> {
  const link = (await container.links()).find(({ name }) => name === container.ifname);
  const inside = interfacesOf(answer).filter(({ sandbox }) => sandbox === container.netns);
  const elsewhere = interfacesOf(answer).filter(({ sandbox }) => sandbox !== container.netns && (sandbox ?? "") !== "");
  const isTold = inside.some(({ name, mac }) => name === container.ifname && mac === link?.mac);
  return [
    ...(isTold ? [] : [`${container.ifname} with ${link?.mac} is not told: ${JSON.stringify(inside)}`]),
    ...elsewhere.map(({ name, sandbox }) => `${name} lies in sandbox ${sandbox}`),
  ];
}

/** Where the addresses of a result are not those of the interface inside. */
async function wrongAddresses(container: BareContainer, answer: PluginAnswer): Promise<readonly string[]> {
  const held = (await container.links()).find(({ name }) => name === container.ifname)?.addresses ?? [];
  const told = ipsOf(answer).map(({ address }) => address);
  const astray = ipsOf(answer).filter((ip) => {
    const of = interfacesOf(answer)[ip.interface ?? -1];
    return of?.name !== container.ifname || of.sandbox !== container.netns;
  });
  return [
    ...(told.toSorted().join() === held.toSorted().join() ? [] : [`told ${told.join()}, held ${held.join()}`]),
    ...astray.map(({ address, interface: index }) => `${address} is laid to interface ${String(index)}`),
  ];
}

/** Where results are not what the kernel has. */
export async function untrueResults({
  prefix,
  nodes,
  configs,
}: Asked): Promise<Record<"version" | "interfaces" | "addresses" | "routes", string[]>> {
  const wrong = {
    version: [] as string[],
    interfaces: [] as string[],
    addresses: [] as string[],
    routes: [] as string[],
  };
  for (const [type, plain] of Object.entries(configs)) {
    const container = await BareContainer.open(nodes, `${prefix}-${type}`);
    const config = await container.groundFor(plain);
    const answer = await container.call("ADD", config);
    if (answer.json?.["cniVersion"] !== config["cniVersion"]) wrong.version.push(`${type}: ${inShort(answer)}`);
    wrong.interfaces.push(...(await wrongInterfaces(container, answer)).map((text) => `${type}: ${text}`));
    wrong.addresses.push(...(await wrongAddresses(container, answer)).map((text) => `${type}: ${text}`));
    const kernel = (await container.routes()).map(({ dst }) => dst);
    const told = routesOf(answer).map(({ dst }) => dst ?? "");
    const asked = kernel.filter((dst) => dst === ROUTE);
    if (asked.length !== 1 || !asked.every((dst) => told.includes(dst)))
      wrong.routes.push(`${type}: told ${told.join()}, has ${kernel.join()}`);
    await container.call("DEL", config);
  }
  return wrong;
}

/** What of an answer is not of the form of its version; undefined if all is. */
export function wrongForm(type: string, version: string, answer: PluginAnswer): string | undefined {
  const isOld = version.startsWith("0.");
  const ips = ipsOf(answer);
  // the family stood beside each address until 0.4.0
  const isForm = ips.length === 1 && ips.every((ip) => (ip.version === "4") === isOld);
  if (answer.exitCode === 0 && answer.json?.["cniVersion"] === version && isForm) return undefined;
  return `${type} in ${version}: ${answer.exitCode === 0 ? answer.stdout : inShort(answer)}`;
}

/** Where they fail or answer in another form. */
export async function wrongForms({ prefix, nodes, configs }: Asked, version: string): Promise<readonly string[]> {
  const wrong: (string | undefined)[] = [];
  for (const [type, plain] of Object.entries(configs)) {
    const container = await BareContainer.open(nodes, `${prefix}-${type}-${version}`);
    const config = await container.groundFor(plain);
    wrong.push(wrongForm(type, version, await container.call("ADD", config)));
    await container.call("DEL", config);
  }
  return wrong.filter((one) => one !== undefined);
}

/** Addresses that host-local keeps for a network, each with the container that has it. */
export async function leasesIn(container: BareContainer, name: string): Promise<readonly string[]> {
  const script = 'cd "/var/lib/cni/networks/$1" && grep -H . -- *.*.*.* | tr -d "\\r" | grep -v ^last_reserved_ip';
  const { stdout } = await container.invoker.exec(["sh", "-c", `${script} || true`, "sh", name]);
  return stdout.split("\n").filter((line) => line.includes(":cni-"));
}

/** What becomes of an ADD whose IPAM plugin fails: the one address is taken, or it says so itself. */
export async function failedAdds({
  prefix,
  nodes,
  live,
  configs,
}: Asked): Promise<Record<"granted" | "kept" | "left" | "undone", string[]>> {
  const wrong = { granted: [] as string[], kept: [] as string[], left: [] as string[], undone: [] as string[] };
  const [first, last] = [live.address(10), live.address(10)];
  const only = { subnet: live.range, gateway: live.gateway, rangeStart: first, rangeEnd: last };
  for (const [type, plain] of Object.entries(configs)) {
    const narrow = { ...plain, ipam: { type: "host-local", ranges: [[only]] } };
    const holder = await BareContainer.open(nodes, `${prefix}-${type}-first`);
    const held = await holder.groundFor(narrow);
    await holder.call("ADD", held);
    const second = await BareContainer.open(nodes, `${prefix}-${type}-second`);
    const config = await second.groundFor(narrow);
    const answer = await second.call("ADD", config);
    if (answer.exitCode === 0) wrong.granted.push(`${type}: ${inShort(answer)}`);
    const leases = await leasesIn(second, live.name);
    wrong.kept.push(...leases.filter((lease) => lease.includes(second.id)).map((lease) => `${type}: ${lease}`));
    await second.call("DEL", config);
    const links = (await second.links()).filter(({ name }) => name !== "lo");
    wrong.left.push(...links.map(({ name }) => `${type}: ${name}`));
    await holder.call("DEL", held);
    const third = await BareContainer.open(nodes, `${prefix}-${type}-third`);
    const failing = await third.groundFor({
      ...plain,
      ipam: { type: "plumbline-rec" },
      rec: { link: "none", script: { ADD: { error: { code: 110, msg: "scripted to fail" } } } },
    });
    await third.call("ADD", failing);
    const asked = (await anyNode(nodes).calls(third.netns)).map(({ command }) => command);
    if (asked.join() !== "ADD,DEL") wrong.undone.push(`${type}: ${asked.join()}`);
    await third.call("DEL", failing);
  }
  return wrong;
}

/** What a container goes through before its second DEL. */
const BEFORE_DEL = {
  "after a DEL": async () => undefined,
  "with the interface gone": async (container: BareContainer) => container.exec("ip", "link", "delete", "net1"),
  "with the namespace gone": async (container: BareContainer) => container.removeNetns(),
} as const;

/** Where a DEL of what is gone already fails. */
export async function failedDeletes({ prefix, nodes, configs }: Asked): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const [type, plain] of Object.entries(configs)) {
    for (const [what, lose] of Object.entries(BEFORE_DEL)) {
      const container = await BareContainer.open(nodes, `${prefix}-${type}-${what.replaceAll(" ", "-")}`);
      const config = await container.groundFor(plain);
      const { json: prevResult = {} } = await container.call("ADD", config);
      if (what !== "after a DEL") await lose(container);
      const first = await container.call("DEL", { ...config, prevResult });
      const second = await container.call("DEL", config);
      if (first.exitCode !== 0) wrong.push(`${type} ${what}: ${inShort(first)}`);
      if (second.exitCode !== 0) wrong.push(`${type} ${what}, once more without prevResult: ${inShort(second)}`);
      // what such a DEL has kept
      await container.callIpam("DEL", config);
    }
  }
  return wrong;
}

/** What is taken away from a container, so that it is no longer as ADD left it. */
const DAMAGES: Readonly<
  Record<string, (container: BareContainer, of: { address: string; network: string }) => unknown>
> = {
  interface: async (container) => container.exec("ip", "link", "delete", "net1"),
  address: async (container) => container.exec("ip", "address", "flush", "dev", "net1"),
  route: async (container) => container.exec("ip", "route", "delete", ROUTE),
  reservation: async ({ invoker }, { address, network }) =>
    invoker.exec(["rm", `/var/lib/cni/networks/${network}/${address}`]),
};

/** Where CHECK fails right after ADD, and what it overlooks. */
export async function checksOf({
  prefix,
  nodes,
  live,
  configs,
}: Asked): Promise<{ failed: string[]; overlooked: string[] }> {
  const failed: string[] = [];
  const overlooked: string[] = [];
  for (const [type, plain] of Object.entries(configs)) {
    for (const [what, damage] of Object.entries(DAMAGES)) {
      const container = await BareContainer.open(nodes, `${prefix}-${type}-${what}`);
      const config = await container.groundFor(plain);
      const { json: prevResult = {} } = await container.call("ADD", config);
      const before = await container.call("CHECK", { ...config, prevResult });
      if (before.exitCode !== 0) failed.push(`${type}: ${inShort(before)}`);
      const [ip] = (prevResult["ips"] ?? []) as readonly { address: string }[];
      await damage(container, { address: (ip?.address ?? "").replace(/\/.*/, ""), network: live.name });
      const after = await container.call("CHECK", { ...config, prevResult });
      if (after.exitCode === 0) overlooked.push(`${type}: ${what}`);
      await container.call("DEL", { ...config, prevResult });
    }
  }
  return { failed, overlooked };
}

/** Whether CHECK asks the IPAM plugin, and fails where that one does. */
export async function checksOfIpam({
  prefix,
  nodes,
  live,
  configs,
}: Asked): Promise<Record<"refused" | "unasked" | "overlooked", string[]>> {
  const wrong = { refused: [] as string[], unasked: [] as string[], overlooked: [] as string[] };
  for (const [type, plain] of Object.entries(configs)) {
    const result = { cniVersion: "1.0.0", ips: [{ address: `${live.staticAddress}/24`, gateway: live.gateway }] };
    const rec = { link: "none", script: { ADD: { result } } };
    const container = await BareContainer.open(nodes, `${prefix}-${type}`);
    const config = await container.groundFor({ ...plain, ipam: { type: "plumbline-rec" }, rec });
    const { json: prevResult = {} } = await container.call("ADD", config);
    const passed = await container.call("CHECK", { ...config, prevResult });
    if (passed.exitCode !== 0) wrong.refused.push(`${type}: ${inShort(passed)}`);
    const asked = (await anyNode(nodes).calls(container.netns)).map(({ command }) => command);
    if (asked.join() !== "ADD,CHECK") wrong.unasked.push(`${type}: ${asked.join()}`);
    const script = { ...rec.script, CHECK: { error: { code: 110, msg: "scripted to fail" } } };
    const failed = await container.call("CHECK", { ...config, rec: { ...rec, script }, prevResult });
    if (failed.exitCode <= 0) wrong.overlooked.push(`${type}: ${inShort(failed)}`);
    await container.call("DEL", { ...config, prevResult });
  }
  return wrong;
}
