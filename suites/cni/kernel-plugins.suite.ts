import { expect } from "chai";
import {
  BareContainer,
  inShort,
  network,
  pluginConfigs,
  suite,
  testCase,
  together,
  type CaseContext,
  type NetworkDeclaration,
} from "../../harness/testkit/index.ts";
import {
  checksOf,
  checksOfIpam,
  failedAdds,
  failedDeletes,
  namesOf,
  untrueResults,
  wrongForms,
  VERSIONS,
} from "./interface-demands.ts";

const own = network("cni-kernel", { type: "bridge", ipam: "host-local", byCase: true });
const narrow = network("cni-kernel-narrow", { type: "bridge", ipam: "host-local", byCase: true });
const networks = { own, narrow };

type Networks = Readonly<Record<keyof typeof networks, NetworkDeclaration>>;
type Context = CaseContext<Record<string, never>, Networks>;

/** What CNI-007 to -009, -012, -013, -018 and -020 ask of the plugins that every kernel can serve, asked of one. */
function doesAsInterfacePluginsMust(type: "ipvlan" | "vlan" | "dummy", id: string) {
  return async ({ nodes, networks: { own: plain, narrow: small }, claim }: Context): Promise<void> => {
    const { live } = plain;
    const of = (what: string, version?: string) => ({
      prefix: `${id.toLowerCase()}-${what}`,
      nodes,
      live,
      configs: { [type]: pluginConfigs(live, version).byKernel[type] },
    });
    const { made, taken } = await namesOf(of("name"));
    const untrue = await untrueResults(of("result"));
    const forms: string[] = [];
    for (const version of VERSIONS) forms.push(...(await wrongForms(of("form", version), version)));
    const configs = { [type]: pluginConfigs(small.live).byKernel[type] };
    const { undone, ...lost } = await failedAdds({ ...of("failed"), live: small.live, configs });
    const kept = await failedDeletes(of("delete"));
    const { failed, overlooked } = await checksOf(of("check"));
    const asked = await checksOfIpam(of("ipam"));
    await together(
      claim("name-asked-for", () => {
        expect(made, "where it did not make net1").to.deep.equal([]);
      }),
      claim("name-taken", () => {
        expect(taken, "where it took a name that something else had").to.deep.equal([]);
      }),
      claim("result", () => {
        const none = { version: [], interfaces: [], addresses: [], routes: [] };
        expect(untrue, "what of its result is not what the kernel has").to.deep.equal(none);
      }),
      claim("every-version", () => {
        expect(forms, "versions in which it fails or answers in another form").to.deep.equal([]);
      }),
      claim("failed-add-leaves-nothing", () => {
        const none = { granted: [], kept: [], left: [] };
        expect(lost, "what is left of an ADD whose IPAM plugin failed").to.deep.equal(none);
      }),
      claim("deletes-what-is-gone", () => {
        expect(kept, "DELs that failed").to.deep.equal([]);
      }),
      claim("passes-after-add", () => {
        expect(failed, "CHECKs right after ADD that failed").to.deep.equal([]);
      }),
      claim("fails-once-something-is-gone", () => {
        expect(overlooked, "what CHECK did not miss").to.deep.equal([]);
      }),
      claim("checks-with-its-ipam-plugin", () => {
        const none = { refused: [], unasked: [], overlooked: [] };
        expect(asked, "where CHECK passed its IPAM plugin over").to.deep.equal(none);
      }),
      claim("delegate-is-undone", () => {
        expect(undone, "what the failing IPAM plugin was asked for, where it was not ADD and DEL").to.deep.equal([]);
      }),
    );
  };
}

const COMMON = {
  revision: 1,
  layer: "L0",
  level: "extended",
  clauses: [
    "CNI-2-add-creates-interface",
    "CNI-2-add-name-taken",
    "CNI-5-success-result",
    "CNI-4-undo-after-failed-delegate",
    "CNI-2-del-of-what-is-gone",
    "CNI-2-check-fails-on-changes",
    "CNI-4-delegates-the-command",
  ],
  pods: {},
  networks,
} as const;

// A case each, so that what the kernel lacks is told, and costs no other plugin its answer.
suite("plugins that a kernel must have a driver for", () => {
  testCase(
    {
      ...COMMON,
      id: "CNI-027",
      title: "ipvlan does as interface plugins must",
      needs: ["kernel-ipvlan"],
      faults: ["ipvlan-lies-about-its-sandbox", "ipvlan-undoes-a-failed-ipam"],
    },
    doesAsInterfacePluginsMust("ipvlan", "CNI-027"),
  );

  testCase(
    {
      ...COMMON,
      id: "CNI-028",
      title: "vlan does as interface plugins must",
      needs: ["kernel-vlan"],
      faults: ["vlan-fails-every-check", "vlan-undoes-a-failed-ipam"],
    },
    doesAsInterfacePluginsMust("vlan", "CNI-028"),
  );

  testCase(
    {
      ...COMMON,
      id: "CNI-029",
      title: "dummy does as interface plugins must",
      needs: ["kernel-dummy"],
      faults: ["dummy-needs-a-namespace-to-delete", "dummy-undoes-a-failed-ipam"],
    },
    doesAsInterfacePluginsMust("dummy", "CNI-029"),
  );

  testCase(
    {
      ...COMMON,
      id: "CNI-030",
      title: "vrf does as chained plugins must",
      clauses: ["CNI-2-add-passes-prev-result", "CNI-2-del-of-what-is-gone", "CNI-2-check-fails-on-changes"],
      needs: ["kernel-vrf"],
      faults: ["vrf-forgets-the-result-before-it"],
    },
    async ({ nodes, networks: { own: plain }, claim }) => {
      const { under } = pluginConfigs(plain.live);
      const { cniVersion, name } = under;
      const vrf = { cniVersion, name, type: "vrf", vrfname: "vrf-plumbline" };
      const container = await BareContainer.open(nodes, "cni-030");
      const prevResult = (await container.call("ADD", under)).json ?? {};
      const added = await container.call("ADD", { ...vrf, prevResult });
      await claim("passes-on", () => {
        expect(prevResult["ips"], "addresses that the plugin before told").not.to.equal(undefined);
        expect(added.json, `its result: ${inShort(added)}`).to.deep.include(prevResult);
      });
      const passed = await container.call("CHECK", { ...vrf, prevResult: added.json ?? {} });
      await claim("passes-after-add", () => {
        expect(passed.exitCode, `exit code of CHECK right after ADD: ${inShort(passed)}`).to.equal(0);
      });
      await container.exec("ip", "link", "set", "net1", "nomaster");
      const missed = await container.call("CHECK", { ...vrf, prevResult: added.json ?? {} });
      await claim("fails-outside-its-domain", () => {
        expect(missed.exitCode, "exit code of CHECK of an interface that was taken out").to.be.above(0);
      });
      const alone = await container.call("ADD", vrf);
      await claim("refused-alone", () => {
        expect(alone.json?.["code"], `error without a result before it: ${inShort(alone)}`).to.be.a("number");
      });
      const codes: number[] = [];
      for (let i = 0; i < 2; i++) codes.push((await container.call("DEL", { ...vrf, prevResult })).exitCode);
      await container.call("DEL", { ...under, prevResult });
      codes.push((await container.call("DEL", { ...vrf, prevResult })).exitCode);
      await claim("deletes-what-is-gone", () => {
        expect(codes, "exit codes of DEL, once more, and without the interface").to.deep.equal([0, 0, 0]);
      });
    },
  );
});
