import { expect } from "chai";
import {
  pod,
  scriptedNetwork,
  scriptedPlugin,
  suite,
  testCase,
  customNetwork,
  type PluginCall,
} from "../../harness/testkit/index.ts";

const GUID = "24:8a:07:03:00:8d:ae:2f";

const infiniband = scriptedNetwork("rtc-guid", () => ({}), { plugin: { capabilities: { infinibandGUID: true } } });
// Both plugins of the list must be told, and one key stands in the definition and in the annotation.
const ofNetwork = { args: { cni: { ofNetwork: "network", ofBoth: "network" } } };
const withArgs = customNetwork("rtc-args", () => ({
  cniVersion: "1.0.0",
  plugins: [scriptedPlugin({}, ofNetwork), scriptedPlugin({}, ofNetwork)],
}));
const told = pod("rtc-told", [
  { network: infiniband, keys: () => ({ "infiniband-guid": GUID }) },
  { network: withArgs, keys: () => ({ "cni-args": { ofBoth: "pod", ofPod: "pod" } }) },
]);

const published = scriptedNetwork("rtc-kube-ports", () => ({}), { plugin: { capabilities: { portMappings: true } } });
const withHostPort = pod("rtc-kube-ports", [published], {
  container: (live) => ({ ports: [{ containerPort: 80, hostPort: live(published).hostPort, protocol: "TCP" }] }),
});

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
      id: "RTC-011",
      revision: 1,
      title: "`infiniband-guid` is handed to the plugin as `infinibandGUID`",
      layer: "L1",
      clauses: ["NPWG-4.1.2.1.10-infiniband-guid"],
      faults: ["infiniband-guid-is-not-handed-on"],
      pods: { told },
    },
    async ({ pods, claim }) => {
      pods.told.seen();
      const name = pods.told.network.name;
      const call = (await pods.told.calls("ADD")).find(({ network }) => network === name);
      await claim("guid-in-runtime-config", () => {
        expect(stdinOf(call).runtimeConfig, `runtimeConfig of ${name} for ${pods.told}`).to.deep.equal({
          infinibandGUID: GUID,
        });
      });
    },
  );

  testCase(
    {
      id: "RTC-013",
      revision: 1,
      title: "`cni-args` reach every plugin of the network beside the definition's own, and win over them",
      layer: "L1",
      clauses: ["NPWG-4.1.2.1.6-cni-args"],
      faults: ["cni-args-of-the-network-win"],
      pods: { told },
    },
    async ({ pods, claim }) => {
      pods.told.seen();
      const name = pods.told.attachments[1]?.network.name;
      const calls = (await pods.told.calls("ADD")).filter(({ network }) => network === name);
      const merged = { ofNetwork: "network", ofBoth: "pod", ofPod: "pod" };
      await claim("merged-for-every-plugin", () => {
        expect(
          calls.map((call) => stdinOf(call).args?.cni),
          `args.cni of the two plugins of ${name} for ${pods.told}`,
        ).to.deep.equal([merged, merged]);
      });
    },
  );

  testCase(
    {
      id: "RTC-014",
      revision: 1,
      title: "what Kubernetes asks of the cluster network is not asked of other attachments",
      layer: "L1",
      clauses: ["NPWG-7.5-kubernetes-runtime-config"],
      faults: ["multus-keeps-host-ports-to-the-cluster-network", "bandwidth-of-kubernetes-is-handed-on"],
      pods: { withHostPort },
    },
    async ({ pods, claim }) => {
      pods.withHostPort.seen();
      const [call] = await pods.withHostPort.calls("ADD");
      await claim("plugin-is-called", () => {
        expect(call?.network, `network of the ADD for ${pods.withHostPort}`).to.equal(pods.withHostPort.network.name);
      });
      await claim("no-runtime-config", () => {
        expect(
          Object.keys(stdinOf(call).runtimeConfig ?? {}),
          `keys of runtimeConfig of ${call?.network} for ${pods.withHostPort}, which asks for none`,
        ).to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "RTC-015",
      revision: 1,
      title: "what an attachment is asked for is not asked of the cluster network",
      layer: "L1",
      clauses: ["NPWG-6-default-network"],
      faults: ["cluster-network-forwards-a-port", "multus-hands-the-keys-to-the-cluster-network"],
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
