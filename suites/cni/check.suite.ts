import { expect } from "chai";
import { BareContainer, inShort, network, pluginConfigs, suite, testCase } from "../../harness/testkit/index.ts";

const own = network("cni-check", { type: "bridge", ipam: "host-local", byCase: true });

/** What is taken away from a container, so that it is no longer as ADD left it. */
const DAMAGES: Readonly<Record<string, (container: BareContainer, address: string) => Promise<unknown>>> = {
  interface: async (container) => container.exec("ip", "link", "delete", "net1"),
  address: async (container) => container.exec("ip", "address", "flush", "dev", "net1"),
  route: async (container) => container.exec("ip", "route", "delete", "198.51.100.0/24"),
  reservation: async ({ invoker }, address) =>
    invoker.exec(["sh", "-c", 'rm /var/lib/cni/networks/cni-check-*/"$1"', "sh", address]),
};

suite("CHECK of plugins", () => {
  testCase(
    {
      id: "CNI-018",
      revision: 1,
      title: "CHECK passes after ADD, and fails once something of it is gone",
      layer: "L0",
      asks: ["interface"],
      clauses: ["CNI-2-check-fails-on-changes"],
      faults: ["macvlan-fails-every-check", "host-local-checks-nothing"],
      pods: {},
      networks: { own },
    },
    async ({ nodes, networks, claim }) => {
      const failed: string[] = [];
      const overlooked: string[] = [];
      for (const [type, config] of Object.entries(pluginConfigs(networks.own.live).interfaces)) {
        for (const [what, damage] of Object.entries(DAMAGES)) {
          const container = await BareContainer.open(nodes, `cni-018-${type}-${what}`);
          const { json: prevResult = {} } = await container.call("ADD", config);
          const before = await container.call("CHECK", { ...config, prevResult });
          if (before.exitCode !== 0) failed.push(`${type}: ${inShort(before)}`);
          const [ip] = (prevResult["ips"] ?? []) as readonly { address: string }[];
          await damage(container, (ip?.address ?? "").replace(/\/.*/, ""));
          const after = await container.call("CHECK", { ...config, prevResult });
          if (after.exitCode === 0) overlooked.push(`${type}: ${what}`);
          await container.call("DEL", { ...config, prevResult });
        }
      }
      await claim("passes-after-add", () => {
        expect(failed, "CHECKs right after ADD that failed").to.deep.equal([]);
      });
      await claim("fails-once-something-is-gone", () => {
        expect(overlooked, "what CHECK did not miss").to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "CNI-019",
      revision: 1,
      title: "CHECK of a configuration older than 0.4.0 is refused with code 1",
      layer: "L0",
      asks: ["interface", "chained", "ipam"],
      clauses: ["CNI-5-error-codes"],
      faults: ["ptp-checks-what-has-no-check"],
      pods: {},
    },
    async ({ nodes, plugins, claim }) => {
      const container = await BareContainer.open(nodes, "cni-019");
      const wrong: string[] = [];
      for (const type of plugins.names) {
        const answer = await container.call("CHECK", { cniVersion: "0.3.1", name: "cni-check", type });
        if (answer.exitCode <= 0 || answer.json?.["code"] !== 1) wrong.push(`${type}: ${inShort(answer)}`);
      }
      await claim("code-1", () => {
        expect(wrong, "plugins that do not refuse CHECK in 0.3.1 with code 1").to.deep.equal([]);
      });
    },
  );
});
