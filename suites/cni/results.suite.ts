import { expect } from "chai";
import {
  BareContainer,
  inShort,
  network,
  pluginConfigs,
  suite,
  testCase,
  type PluginAnswer,
} from "../../harness/testkit/index.ts";

const own = network("cni-results", { type: "bridge", ipam: "host-local", byCase: true });

const VERSIONS = ["0.3.1", "0.4.0", "1.0.0", "1.1.0"] as const;

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

const interfacesOf = ({ json }: PluginAnswer): readonly Interface[] =>
  (json?.["interfaces"] ?? []) as readonly Interface[];
const ipsOf = ({ json }: PluginAnswer): readonly Ip[] => (json?.["ips"] ?? []) as readonly Ip[];
const routesOf = ({ json }: PluginAnswer): readonly { dst?: string }[] =>
  (json?.["routes"] ?? []) as readonly { dst?: string }[];

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

suite("results of plugins", () => {
  testCase(
    {
      id: "CNI-007",
      revision: 1,
      title: "ADD makes the interface under the name asked for, and fails if the name is taken",
      layer: "L0",
      asks: ["interface"],
      clauses: ["CNI-2-add-creates-interface", "CNI-2-add-name-taken"],
      faults: ["ptp-makes-no-interface", "macvlan-takes-a-name-that-is-taken"],
      pods: {},
      networks: { own },
    },
    async ({ nodes, networks, claim }) => {
      const made: string[] = [];
      const taken: string[] = [];
      for (const [type, config] of Object.entries(pluginConfigs(networks.own.live).interfaces)) {
        const container = await BareContainer.open(nodes, `cni-007-${type}`);
        const answer = await container.call("ADD", config);
        const names = (await container.links()).map(({ name }) => name);
        if (answer.exitCode !== 0 || !names.includes("net1")) made.push(`${type}: ${names.join()}, ${inShort(answer)}`);
        await container.call("DEL", config);
        await container.exec("ip", "link", "add", "net1", "type", "bridge");
        const before = (await container.links()).find(({ name }) => name === "net1");
        const refused = await container.call("ADD", config);
        const after = (await container.links()).find(({ name }) => name === "net1");
        if (refused.exitCode === 0) taken.push(`${type}: ${inShort(refused)}`);
        if (after?.mac !== before?.mac) taken.push(`${type}: what had the name is gone`);
        await container.call("DEL", config);
      }
      await claim("name-asked-for", () => {
        expect(made, "plugins that did not make net1").to.deep.equal([]);
      });
      await claim("name-taken", () => {
        expect(taken, "plugins that took a name which something else had").to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "CNI-008",
      revision: 1,
      title: "the result of ADD says what the kernel has",
      layer: "L0",
      asks: ["interface"],
      clauses: ["CNI-5-success-result"],
      faults: ["ptp-lies-about-its-sandbox", "macvlan-lays-its-address-to-nothing", "bridge-tells-no-routes"],
      pods: {},
      networks: { own },
    },
    async ({ nodes, networks, claim }) => {
      const wrong: Record<"version" | "interfaces" | "addresses" | "routes", string[]> = {
        version: [],
        interfaces: [],
        addresses: [],
        routes: [],
      };
      for (const [type, config] of Object.entries(pluginConfigs(networks.own.live).interfaces)) {
        const container = await BareContainer.open(nodes, `cni-008-${type}`);
        const answer = await container.call("ADD", config);
        if (answer.json?.["cniVersion"] !== config["cniVersion"]) wrong.version.push(`${type}: ${inShort(answer)}`);
        wrong.interfaces.push(...(await wrongInterfaces(container, answer)).map((text) => `${type}: ${text}`));
        wrong.addresses.push(...(await wrongAddresses(container, answer)).map((text) => `${type}: ${text}`));
        const kernel = (await container.routes()).map(({ dst }) => dst);
        const told = routesOf(answer).map(({ dst }) => dst ?? "");
        const asked = kernel.filter((dst) => dst === "198.51.100.0/24");
        if (asked.length !== 1 || !asked.every((dst) => told.includes(dst)))
          wrong.routes.push(`${type}: told ${told.join()}, has ${kernel.join()}`);
        await container.call("DEL", config);
      }
      await claim("version-of-the-configuration", () => {
        expect(wrong.version, "plugins whose result has another cniVersion").to.deep.equal([]);
      });
      await claim("interfaces", () => {
        expect(wrong.interfaces, "interfaces of results that are not what the kernel has").to.deep.equal([]);
      });
      await claim("addresses", () => {
        expect(wrong.addresses, "addresses of results that are not what the kernel has").to.deep.equal([]);
      });
      await claim("routes", () => {
        expect(wrong.routes, "plugins that do not tell of the route that was asked for").to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "CNI-009",
      revision: 1,
      title: "a plugin answers in every version that it supports",
      layer: "L0",
      asks: ["interface", "ipam"],
      clauses: ["CNI-5-success-result"],
      faults: ["host-local-answers-0-4-0-as-1-0-0"],
      pods: {},
      networks: { own },
    },
    async ({ nodes, plugins, networks, claim }) => {
      const wrong: string[] = [];
      for (const version of VERSIONS.filter((one) => plugins.supports(one))) {
        const { interfaces, ipam } = pluginConfigs(networks.own.live, version);
        const isOld = version.startsWith("0.");
        const look = (type: string, answer: PluginAnswer): void => {
          const ips = ipsOf(answer);
          // the family stood beside each address until 0.4.0
          const isForm = ips.length === 1 && ips.every((ip) => (ip.version === "4") === isOld);
          if (answer.exitCode !== 0 || answer.json?.["cniVersion"] !== version || !isForm) {
            wrong.push(`${type} in ${version}: ${answer.exitCode === 0 ? answer.stdout : inShort(answer)}`);
          }
        };
        for (const [type, config] of Object.entries(interfaces)) {
          const container = await BareContainer.open(nodes, `cni-009-${type}-${version}`);
          look(type, await container.call("ADD", config));
          await container.call("DEL", config);
        }
        for (const [type, config] of Object.entries(ipam)) {
          const container = await BareContainer.open(nodes, `cni-009-ipam-${type}-${version}`);
          look(type, await container.callIpam("ADD", config));
          await container.callIpam("DEL", config);
        }
      }
      await claim("every-version", () => {
        expect(wrong, "plugins that fail or answer in another form").to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "CNI-010",
      revision: 1,
      title: "an IPAM plugin tells of no interfaces",
      layer: "L0",
      asks: ["ipam"],
      clauses: ["CNI-5-ipam-result"],
      faults: ["static-tells-of-an-interface"],
      pods: {},
      networks: { own },
    },
    async ({ nodes, networks, claim }) => {
      const wrong: string[] = [];
      for (const [type, config] of Object.entries(pluginConfigs(networks.own.live).ipam)) {
        const container = await BareContainer.open(nodes, `cni-010-${type}`);
        const answer = await container.callIpam("ADD", config);
        const told = interfacesOf(answer).length > 0 || ipsOf(answer).some((ip) => ip.interface !== undefined);
        if (told || ipsOf(answer).length !== 1) wrong.push(`${type}: ${answer.stdout}`);
        await container.callIpam("DEL", config);
      }
      await claim("addresses-only", () => {
        expect(wrong, "IPAM plugins that tell of interfaces, or not of one address").to.deep.equal([]);
      });
    },
  );
});
