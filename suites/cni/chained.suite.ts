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

const under = network("cni-chained", { type: "bridge", ipam: "host-local", byCase: true });

/** Everything that a result lists, each as text. */
function itemsOf(result: Readonly<Record<string, unknown>>): readonly string[] {
  return ["interfaces", "ips", "routes"].flatMap((key) =>
    ((result[key] ?? []) as readonly unknown[]).map((item) => `${key} ${JSON.stringify(item)}`),
  );
}

const isError = ({ exitCode, json }: PluginAnswer): boolean => exitCode > 0 && typeof json?.["code"] === "number";

suite("chained plugins", () => {
  testCase(
    {
      id: "CNI-011",
      revision: 1,
      title: "a chained plugin passes the result before it on, and fails where there is none",
      layer: "L0",
      asks: ["chained"],
      clauses: ["CNI-2-add-passes-prev-result"],
      faults: ["portmap-forgets-the-result-before-it", "firewall-runs-alone", "bandwidth-answers-alone"],
      pods: {},
      networks: { under },
    },
    async ({ nodes, networks, claim }) => {
      const { under: base, chained } = pluginConfigs(networks.under.live);
      const container = await BareContainer.open(nodes, "cni-011");
      const prevResult = (await container.call("ADD", base)).json ?? {};
      const lost: string[] = [];
      const alone: string[] = [];
      for (const [type, config] of Object.entries(chained)) {
        const answer = await container.call("ADD", { ...config, prevResult });
        const told = new Set(itemsOf(answer.json ?? {}));
        if (answer.exitCode !== 0) lost.push(`${type}: ${inShort(answer)}`);
        else
          lost.push(
            ...itemsOf(prevResult)
              .filter((item) => !told.has(item))
              .map((item) => `${type}: ${item}`),
          );
        await container.call("DEL", { ...config, prevResult });
      }
      const { bandwidth } = chained;
      const idle = bandwidth && { "bandwidth without rates": { ...bandwidth, ingressRate: 0, ingressBurst: 0 } };
      for (const [type, config] of Object.entries({ ...chained, ...idle })) {
        const answer = await container.call("ADD", config);
        if (!isError(answer)) alone.push(`${type}: ${inShort(answer)}`);
      }
      await container.call("DEL", base);
      await claim("passes-on", () => {
        expect(itemsOf(prevResult), "what the plugin before answered").not.to.deep.equal([]);
        expect(lost, "what chained plugins did not pass on").to.deep.equal([]);
      });
      await claim("refused-alone", () => {
        expect(alone, "chained plugins that give no error without a result before them").to.deep.equal([]);
      });
    },
  );
});
