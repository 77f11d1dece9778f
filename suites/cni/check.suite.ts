import { expect } from "chai";
import { BareContainer, inShort, network, pluginConfigs, suite, testCase } from "../../harness/testkit/index.ts";
import { checksOf } from "./interface-demands.ts";

const own = network("cni-check", { type: "bridge", ipam: "host-local", byCase: true });

suite("CHECK of plugins", () => {
  testCase(
    {
      id: "CNI-018",
      revision: 2,
      title: "CHECK passes after ADD, and fails once something of it is gone",
      layer: "L0",
      asks: ["interface"],
      clauses: ["CNI-2-check-fails-on-changes"],
      faults: ["macvlan-fails-every-check", "tap-fails-every-check", "host-local-checks-nothing"],
      pods: {},
      networks: { own },
    },
    async ({ nodes, networks, claim }) => {
      const { live } = networks.own;
      const configs = pluginConfigs(live).interfaces;
      const { failed, overlooked } = await checksOf({ prefix: "cni-018", nodes, live, configs });
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
