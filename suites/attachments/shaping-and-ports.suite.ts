import { expect } from "chai";
import { network, pod, scriptedPlugin, suite, testCase, type TestPod } from "../../harness/testkit/index.ts";

const shaping = { ingressRate: 8_128_000, ingressBurst: 812_800, egressRate: 4_064_000, egressBurst: 406_400 };
const shaped = pod("rtc-shaped", [
  {
    network: network("rtc-shaped", {
      type: "bridge",
      ipam: "static",
      edit: (list) => ({
        ...list,
        plugins: [
          ...list.plugins,
          { type: "bandwidth", capabilities: { bandwidth: true } },
          scriptedPlugin({}, { capabilities: { bandwidth: true } }),
        ],
      }),
    }),
    keys: () => ({ bandwidth: shaping }),
  },
]);

/** What the last plugin of the list was given, of each attachment. */
async function runtimeConfigsOf(testPod: TestPod): Promise<readonly unknown[]> {
  const calls = await testPod.calls("ADD");
  return calls.map(({ stdin }) => (stdin as { runtimeConfig?: unknown } | undefined)?.runtimeConfig);
}

interface Discipline {
  readonly kind: string;
  readonly dev: string;
  readonly options: { readonly rate?: number };
}

suite("shaping of attachments", () => {
  testCase(
    {
      id: "RTC-009",
      revision: 1,
      title: "`bandwidth` is handed to the plugin and shapes what comes and what goes",
      layer: "L1",
      clauses: ["NPWG-4.1.2.1.8-bandwidth"],
      faults: ["bandwidth-shapes-to-another-rate"],
      needs: ["kernel-ifb"],
      pods: { shaped },
    },
    async ({ pods, claim }) => {
      pods.shaped.seen();
      const given = await runtimeConfigsOf(pods.shaped);
      await claim("bandwidth-in-runtime-config", () => {
        expect(given, `runtimeConfig for ${pods.shaped}`).to.deep.equal([{ bandwidth: shaping }]);
      });
      const inPod = await pods.shaped.exec("ip", "-json", "link", "show", "dev", "net1");
      const [link] = JSON.parse(inPod.stdout) as readonly { readonly link_index?: number }[];
      const onNode = await pods.shaped.onNode.exec(["ip", "-json", "link", "show"]);
      const links = JSON.parse(onNode.stdout) as readonly { readonly ifindex: number; readonly ifname: string }[];
      const hostEnd = links.find(({ ifindex }) => ifindex === link?.link_index)?.ifname ?? "";
      const { stdout } = await pods.shaped.onNode.exec(["tc", "-json", "qdisc", "show"]);
      const disciplines = (JSON.parse(stdout) as readonly Discipline[]).filter(({ kind }) => kind === "tbf");
      // tc tells bytes a second
      await claim("what-comes-is-shaped", () => {
        const rates = disciplines.filter(({ dev }) => dev === hostEnd).map(({ options }) => options.rate);
        expect(rates, `rates of ${hostEnd}, the other end of net1 of ${pods.shaped}`).to.deep.equal([
          shaping.ingressRate / 8,
        ]);
      });
      const filters = await pods.shaped.onNode.exec(["tc", "filter", "show", "dev", hostEnd, "ingress"]);
      await claim("what-goes-is-shaped", () => {
        const [, device] = /Redirect to device (\S+?)\)/.exec(filters.stdout) ?? [];
        const rates = disciplines.filter(({ dev }) => dev === device).map(({ options }) => options.rate);
        expect(rates, `rates of ${device}, where ${hostEnd} leads what ${pods.shaped} sends`).to.deep.equal([
          shaping.egressRate / 8,
        ]);
      });
    },
  );
});
