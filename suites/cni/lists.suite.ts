import { expect } from "chai";
import {
  BareContainer,
  customNetwork,
  inShort,
  network,
  pluginConfigs,
  pod,
  scriptedPlugin,
  suite,
  testCase,
  type PluginCall,
} from "../../harness/testkit/index.ts";

const crowded = network("cni-crowd", { type: "bridge", ipam: "host-local", byCase: true });

/** Keys that no plugin knows, of every kind that JSON has. */
const FUTURE = { list: [1, "two", null, { three: 3.5 }], flag: true, text: 'a "quoted" word' };

const list = customNetwork("cni-list", (live) => ({
  cniVersion: "1.0.0",
  plugins: [
    scriptedPlugin({ addresses: [`${live.address(10)}/24`] }, { future: FUTURE }),
    { type: "tuning", mac: live.mac },
    scriptedPlugin({ link: "none" }, { last: true }),
  ],
}));
const listed = pod("cni-listed", [list]);

const CROWD = 20;

/** What a result holds, without what libraries fill in. */
function heart(result: unknown): Readonly<Record<string, unknown>> {
  const { interfaces, ips, routes = [] } = (result ?? {}) as Record<string, unknown>;
  return { interfaces, ips, routes };
}

const stdinOf = ({ stdin }: PluginCall): Readonly<Record<string, unknown>> => stdin as Record<string, unknown>;
const place = (call: PluginCall): string => ("last" in stdinOf(call) ? "last" : "first");

suite("lists of plugins", () => {
  testCase(
    {
      id: "CNI-025",
      revision: 1,
      title: "many ADDs at once give each container an address of its own",
      layer: "L0",
      asks: ["interface", "ipam"],
      clauses: ["CNI-3-plugins-lock"],
      faults: ["host-local-gives-one-address-twice"],
      pods: {},
      networks: { crowded },
    },
    async ({ nodes, networks, claim }) => {
      const { interfaces, under } = pluginConfigs(networks.crowded.live);
      const [config = under] = Object.values(interfaces);
      const crowd: BareContainer[] = [];
      for (let i = 0; i < CROWD; i++) crowd.push(await BareContainer.open(nodes, `cni-025-${i}`));
      const answers = await BareContainer.callForAll(crowd, "ADD", config);
      const addresses = answers.flatMap(({ json }) =>
        ((json?.["ips"] ?? []) as { address: string }[]).map((ip) => ip.address),
      );
      const twice = addresses.filter((address, i) => addresses.indexOf(address) !== i);
      const failed = answers.filter(({ exitCode }) => exitCode !== 0).map(inShort);
      await BareContainer.callForAll(crowd, "DEL", config);
      await claim("all-succeed", () => {
        expect(failed, `of ${CROWD} ADDs at once, those that failed`).to.deep.equal([]);
      });
      await claim("no-address-twice", () => {
        expect(twice, `addresses that several of ${CROWD} containers got`).to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "CNI-026",
      revision: 1,
      title: "keys that nobody knows reach the plugin unchanged, on ADD and on DEL",
      layer: "L1",
      clauses: ["CNI-3-configuration-unchanged"],
      faults: ["unknown-keys-are-lost-on-del"],
      pods: { listed },
    },
    async ({ pods, claim }) => {
      const { sandboxId } = pods.listed.seen();
      await pods.listed.delete();
      const calls = (await pods.listed.calls()).filter(
        (call) => call.containerId === sandboxId && place(call) === "first",
      );
      for (const command of ["ADD", "DEL"] as const) {
        await claim(`unchanged-on-${command.toLowerCase()}`, () => {
          const call = calls.find((one) => one.command === command);
          expect(call && stdinOf(call)["future"], `the unknown key at ${command} of ${pods.listed}`).to.deep.equal(
            FUTURE,
          );
        });
      }
    },
  );

  testCase(
    {
      id: "CNI-016",
      revision: 1,
      title: "DEL of a list goes backwards, each plugin with the final result of ADD",
      layer: "L1",
      clauses: ["CNI-3-del-in-reverse"],
      faults: ["last-plugin-of-a-list-misses-its-del", "first-plugin-of-a-list-gets-no-result-on-del"],
      pods: { listed },
    },
    async ({ pods, claim }) => {
      const { sandboxId } = pods.listed.seen();
      if (!pods.listed.deleted) await pods.listed.delete();
      const calls = (await pods.listed.calls()).filter((call) => call.containerId === sandboxId);
      const added = calls.filter(({ command }) => command === "ADD");
      const deleted = calls.filter(({ command }) => command === "DEL");
      await claim("backwards", () => {
        expect(added.map(place), `plugins asked to ADD ${pods.listed}`).to.deep.equal(["first", "last"]);
        expect(deleted.map(place).slice(0, 2), `plugins asked to DEL ${pods.listed}`).to.deep.equal(["last", "first"]);
      });
      const final = heart(JSON.parse(added.at(-1)?.stdout ?? "{}"));
      for (const call of deleted.slice(0, 2)) {
        await claim(`final-result-for-the-${place(call)}`, () => {
          expect(heart(stdinOf(call)["prevResult"]), `prevResult at DEL of ${pods.listed}`).to.deep.equal(final);
        });
      }
    },
  );
});
