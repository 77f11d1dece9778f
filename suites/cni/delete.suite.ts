import { expect } from "chai";
import {
  BareContainer,
  inShort,
  network,
  pluginConfigs,
  suite,
  testCase,
  together,
} from "../../harness/testkit/index.ts";
import { failedAdds, failedDeletes, leasesIn } from "./interface-demands.ts";

const own = network("cni-delete", { type: "bridge", ipam: "host-local", byCase: true });
const narrow = network("cni-narrow", { type: "bridge", ipam: "host-local", byCase: true });
const masked = network("cni-masked", { type: "bridge", ipam: "host-local", byCase: true });

/** What makes an interface plugin write rules that name the container. */
const MASKING: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  bridge: { isGateway: true, ipMasq: true },
  ptp: { ipMasq: true },
};

/** Rules of the node's firewall that name a container. */
async function rulesOf(container: BareContainer): Promise<readonly string[]> {
  const dump = "iptables-save; ip6tables-save; nft list ruleset";
  const { stdout } = await container.invoker.exec(["sh", "-c", dump]);
  return stdout
    .split("\n")
    .filter((line) => line.includes(container.id))
    .map((line) => line.trim());
}

/** Takes away what a DEL has left, so that nothing stays on the node. */
async function removeRulesOf(container: BareContainer): Promise<void> {
  const script = `
    iptables-save -t nat | grep -e "$1" | grep -e "^-A POSTROUTING" | sed "s/^-A/-D/" | while read -r rule; do
      eval "iptables -t nat $rule"
      iptables -t nat -F "\${rule##* }"
      iptables -t nat -X "\${rule##* }"
    done`;
  await container.invoker.exec(["sh", "-c", script, "sh", container.id]);
}

suite("DEL of plugins", () => {
  testCase(
    {
      id: "CNI-013",
      revision: 2,
      title: "DEL succeeds again, and when the interface or the namespace has gone",
      layer: "L0",
      asks: ["interface"],
      clauses: ["CNI-2-del-of-what-is-gone"],
      faults: ["macvlan-needs-a-namespace-to-delete", "host-device-deletes-what-is-gone"],
      pods: {},
      networks: { own },
    },
    async ({ nodes, networks, claim }) => {
      const { live } = networks.own;
      const wrong = await failedDeletes({ prefix: "cni-013", nodes, live, configs: pluginConfigs(live).interfaces });
      await claim("succeeds", () => {
        expect(wrong, "DELs that failed").to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "CNI-015",
      revision: 2,
      title: "DEL succeeds for what was never added",
      layer: "L0",
      asks: ["interface", "chained", "ipam"],
      clauses: ["CNI-2-del-of-what-is-gone"],
      faults: ["host-local-knows-no-such-container", "host-device-deletes-what-was-never-added"],
      pods: {},
      networks: { own },
    },
    async ({ nodes, networks, claim }) => {
      const { interfaces, chained, ipam } = pluginConfigs(networks.own.live);
      const wrong: string[] = [];
      for (const [type, config] of Object.entries({ ...interfaces, ...chained })) {
        const container = await BareContainer.open(nodes, `cni-015-${type}`);
        const answer = await container.call("DEL", await container.groundFor(config));
        if (answer.exitCode !== 0) wrong.push(`${type}: ${inShort(answer)}`);
      }
      for (const [type, config] of Object.entries(ipam)) {
        const container = await BareContainer.open(nodes, `cni-015-ipam-${type}`);
        const answer = await container.callIpam("DEL", config);
        if (answer.exitCode !== 0) wrong.push(`${type}: ${inShort(answer)}`);
      }
      await claim("succeeds", () => {
        expect(wrong, "DELs without an ADD that failed").to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "CNI-012",
      revision: 2,
      title: "an ADD whose IPAM plugin fails keeps no address, and its DEL leaves no interface",
      layer: "L0",
      asks: ["interface"],
      clauses: ["CNI-4-undo-after-failed-delegate", "CNI-2-del-releases"],
      faults: [
        "host-local-reserves-what-it-does-not-give",
        "macvlan-forgets-what-it-failed-to-add",
        "interface-plugins-undo-a-failed-ipam",
      ],
      pods: {},
      networks: { narrow },
    },
    async ({ nodes, networks, claim }) => {
      const { live } = networks.narrow;
      const configs = pluginConfigs(live).interfaces;
      const { granted, kept, left, undone } = await failedAdds({ prefix: "cni-012", nodes, live, configs });
      await claim("fails", () => {
        expect(granted, "ADDs that succeeded although the one address was taken").to.deep.equal([]);
      });
      await claim("keeps-no-address", () => {
        expect(kept, "addresses that failed ADDs keep").to.deep.equal([]);
      });
      await claim("del-leaves-nothing", () => {
        expect(left, "interfaces that were there after the DEL of a failed ADD").to.deep.equal([]);
      });
      await claim("delegate-is-undone", () => {
        expect(undone, "what the failing IPAM plugin was asked for, where it was not ADD and DEL").to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "CNI-014",
      revision: 2,
      title: "DEL releases addresses and rules of the node although the namespace has gone",
      layer: "L0",
      asks: ["interface"],
      clauses: ["CNI-2-del-releases"],
      faults: ["ptp-releases-nothing-without-a-namespace", "masquerading-goes-without-a-namespace"],
      pods: {},
      networks: { masked },
    },
    async ({ nodes, networks, claim }) => {
      const { interfaces } = pluginConfigs(networks.masked.live);
      const masking = Object.entries(interfaces).map(
        ([type, plain]) => [type, { ...plain, ...MASKING[type] }] as const,
      );
      const leases: string[] = [];
      const rules: string[] = [];
      const unmasked: string[] = [];
      for (const [type, plain] of masking) {
        const container = await BareContainer.open(nodes, `cni-014-${type}`);
        const config: Readonly<Record<string, unknown>> = await container.groundFor(plain);
        try {
          const { json: prevResult = {} } = await container.call("ADD", config);
          if (config["ipMasq"] === true && (await rulesOf(container)).length === 0) unmasked.push(type);
          await container.removeNetns();
          await container.call("DEL", { ...config, prevResult });
          const kept = await leasesIn(container, networks.masked.live.name);
          leases.push(...kept.filter((lease) => lease.includes(container.id)).map((lease) => `${type}: ${lease}`));
          rules.push(...(await rulesOf(container)).map((rule) => `${type}: ${rule}`));
        } finally {
          await container.callIpam("DEL", config);
          await removeRulesOf(container);
        }
      }
      await together(
        claim("masks", () => {
          expect(unmasked, "plugins that made no rule for ipMasq").to.deep.equal([]);
        }),
        claim("addresses-released", () => {
          expect(leases, "addresses that were not released").to.deep.equal([]);
        }),
        claim("rules-removed", () => {
          expect(rules, "rules of the node that were left").to.deep.equal([]);
        }),
      );
    },
  );
});
