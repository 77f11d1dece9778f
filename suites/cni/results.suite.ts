import { expect } from "chai";
import { BareContainer, network, pluginConfigs, suite, testCase } from "../../harness/testkit/index.ts";
import { interfacesOf, ipsOf, namesOf, untrueResults, wrongForm, wrongForms, VERSIONS } from "./interface-demands.ts";

const own = network("cni-results", { type: "bridge", ipam: "host-local", byCase: true });

suite("results of plugins", () => {
  testCase(
    {
      id: "CNI-007",
      revision: 2,
      title: "ADD makes the interface under the name asked for, and fails if the name is taken",
      layer: "L0",
      asks: ["interface"],
      clauses: ["CNI-2-add-creates-interface", "CNI-2-add-name-taken"],
      faults: ["ptp-makes-no-interface", "macvlan-takes-a-name-that-is-taken", "tap-refuses-a-name-that-is-taken"],
      pods: {},
      networks: { own },
    },
    async ({ nodes, networks, claim }) => {
      const { live } = networks.own;
      const configs = pluginConfigs(live).interfaces;
      const { made, taken } = await namesOf({ prefix: "cni-007", nodes, live, configs });
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
      revision: 2,
      title: "the result of ADD says what the kernel has",
      layer: "L0",
      asks: ["interface"],
      clauses: ["CNI-5-success-result"],
      faults: [
        "ptp-lies-about-its-sandbox",
        "host-device-lies-about-its-sandbox",
        "macvlan-lays-its-address-to-nothing",
        "bridge-tells-no-routes",
      ],
      pods: {},
      networks: { own },
    },
    async ({ nodes, networks, claim }) => {
      const { live } = networks.own;
      const configs = pluginConfigs(live).interfaces;
      const wrong = await untrueResults({ prefix: "cni-008", nodes, live, configs });
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
      revision: 2,
      title: "a plugin answers in every version that it supports",
      layer: "L0",
      asks: ["interface", "ipam"],
      clauses: ["CNI-5-success-result"],
      faults: ["host-local-answers-0-4-0-as-1-0-0"],
      pods: {},
      networks: { own },
    },
    async ({ nodes, plugins, networks, claim }) => {
      const { live } = networks.own;
      const wrong: string[] = [];
      for (const version of VERSIONS.filter((one) => plugins.supports(one))) {
        const { interfaces, ipam } = pluginConfigs(live, version);
        wrong.push(...(await wrongForms({ prefix: "cni-009", nodes, live, configs: interfaces }, version)));
        for (const [type, config] of Object.entries(ipam)) {
          const container = await BareContainer.open(nodes, `cni-009-ipam-${type}-${version}`);
          wrong.push(
            ...[wrongForm(type, version, await container.callIpam("ADD", config))].filter((one) => one !== undefined),
          );
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
