import { expect } from "chai";
import { network, pluginConfigs, suite, testCase } from "../../harness/testkit/index.ts";
import { checksOfIpam } from "./interface-demands.ts";

const own = network("cni-ipam-check", { type: "bridge", ipam: "static", byCase: true });

suite("CHECK of IPAM plugins", () => {
  testCase(
    {
      id: "CNI-020",
      revision: 2,
      title: "CHECK of an interface plugin asks its IPAM plugin, and fails where that one does",
      layer: "L0",
      asks: ["interface"],
      clauses: ["CNI-2-check-fails-on-changes", "CNI-4-delegates-the-command"],
      faults: ["macvlan-checks-without-its-ipam-plugin", "ptp-passes-over-a-failed-check-of-its-ipam-plugin"],
      pods: {},
      networks: { own },
    },
    async ({ nodes, networks, claim }) => {
      const { live } = networks.own;
      const configs = pluginConfigs(live).interfaces;
      const { refused, unasked, overlooked } = await checksOfIpam({ prefix: "cni-020", nodes, live, configs });
      await claim("passes-after-add", () => {
        expect(refused, "CHECKs right after ADD that failed").to.deep.equal([]);
      });
      await claim("asks-the-ipam-plugin", () => {
        expect(unasked, "what IPAM plugins were asked for, where it was not ADD and CHECK").to.deep.equal([]);
      });
      await claim("fails-with-it", () => {
        expect(overlooked, "CHECKs that succeeded although that of the IPAM plugin failed").to.deep.equal([]);
      });
    },
  );
});
