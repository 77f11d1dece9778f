import { expect } from "chai";
import {
  BareContainer,
  inShort,
  network,
  pluginConfigs,
  suite,
  testCase,
  anyNode,
} from "../../harness/testkit/index.ts";

const own = network("cni-ipam-check", { type: "bridge", ipam: "static", byCase: true });

suite("CHECK of IPAM plugins", () => {
  testCase(
    {
      id: "CNI-020",
      revision: 1,
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
      const refused: string[] = [];
      const unasked: string[] = [];
      const overlooked: string[] = [];
      for (const [type, plain] of Object.entries(pluginConfigs(live).interfaces)) {
        const result = { cniVersion: "1.0.0", ips: [{ address: `${live.staticAddress}/24`, gateway: live.gateway }] };
        const rec = { link: "none", script: { ADD: { result } } };
        const config = { ...plain, ipam: { type: "plumbline-rec" }, rec };
        const container = await BareContainer.open(nodes, `cni-020-${type}`);
        const { json: prevResult = {} } = await container.call("ADD", config);
        const passed = await container.call("CHECK", { ...config, prevResult });
        if (passed.exitCode !== 0) refused.push(`${type}: ${inShort(passed)}`);
        const calls = await anyNode(nodes).calls(container.netns);
        const asked = calls.map(({ command }) => command);
        if (asked.join() !== "ADD,CHECK") unasked.push(`${type}: ${asked.join()}`);
        const script = { ...rec.script, CHECK: { error: { code: 110, msg: "scripted to fail" } } };
        const failed = await container.call("CHECK", { ...config, rec: { ...rec, script }, prevResult });
        if (failed.exitCode <= 0) overlooked.push(`${type}: ${inShort(failed)}`);
        await container.call("DEL", { ...config, prevResult });
      }
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
