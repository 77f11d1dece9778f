import { expect } from "chai";
import { pod, scriptedNetwork, suite, testCase, type PluginCall } from "../../harness/testkit/index.ts";

const everything = { ips: true, mac: true, bandwidth: true, portMappings: true };
const apart = pod("rtc-apart", [
  {
    network: scriptedNetwork("rtc-apart", () => ({}), { plugin: { capabilities: everything } }),
    ips: (live) => [`${live.address(142)}/24`],
    mac: (live) => live.mac,
    keys: (live) => ({
      portMappings: [{ hostPort: live.hostPort, containerPort: 80, protocol: "tcp" }],
      bandwidth: { ingressRate: 1_000_000, ingressBurst: 100_000 },
    }),
  },
]);

/** What a call of the plugin was given. */
const stdinOf = (call: PluginCall | undefined) =>
  (call?.stdin ?? {}) as {
    readonly runtimeConfig?: Record<string, unknown>;
    readonly args?: { readonly cni?: unknown };
  };

suite("further runtime keys of an attachment", () => {
  testCase(
    {
      id: "RTC-015",
      revision: 1,
      title: "what an attachment is asked for is not asked of the cluster network",
      layer: "L1",
      clauses: ["NPWG-6-default-network"],
      faults: ["cluster-network-forwards-a-port"],
      pods: { apart },
    },
    async ({ pods, claim }) => {
      const seen = pods.apart.seen();
      const [call] = await pods.apart.calls("ADD");
      await claim("attachment-is-asked", () => {
        expect(stdinOf(call).runtimeConfig, `runtimeConfig of ${call?.network}`).to.have.all.keys(everything);
      });
      const addresses = seen.addressesOf("eth0");
      const rules = await pods.apart.onNode.shell("iptables-save -t nat");
      await claim("no-port-of-the-cluster-network", () => {
        const mine = rules.stdout.split("\n").filter((rule) => addresses.some((a) => rule.includes(` ${a}:`)));
        expect(mine, `rules that lead to eth0 of ${pods.apart}`).to.deep.equal([]);
      });
      // libcni keeps what it was told beside the result.
      const cached = `/var/lib/cni/multus/results/${seen.clusterNetwork}-${seen.sandboxId}-eth0`;
      const { stdout } = await pods.apart.onNode.exec(["cat", cached]);
      const heard = JSON.parse(stdout) as { cniArgs?: readonly (readonly string[])[]; capabilityArgs?: object };
      await claim("nothing-asked-of-the-cluster-network", () => {
        const args = (heard.cniArgs ?? []).map(([name]) => name).filter((name) => name === "IP" || name === "MAC");
        expect(
          [...Object.keys(heard.capabilityArgs ?? {}), ...args],
          `what the cluster network was asked for ${pods.apart}`,
        ).to.deep.equal([]);
      });
    },
  );
});
