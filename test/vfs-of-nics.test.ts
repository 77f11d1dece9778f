import { readdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { packageFile } from "../harness/core/package-root.ts";
import { AddressPool } from "../harness/net/address-pool.ts";
import { loadCaseIndex } from "../harness/plan/case-index.ts";
import { levelsOfCase, realVfFeatures } from "../harness/run/sriov-features.ts";
import { suitesOf, type RegisteredCase } from "../harness/testkit/define.ts";
import type { LaneContext } from "../harness/testkit/lane-context.ts";
import { LiveNetworks } from "../harness/testkit/live-networks.ts";
import { networksOf } from "../harness/testkit/networks-of.ts";
import { wantsVfs } from "../harness/testkit/vf-declarations.ts";
import { containerOn, resourcesOn, type VfSite } from "../harness/testkit/vf-site.ts";
import { POOL_A, POOL_B, POOL_DPDK } from "../harness/testkit/virtual-functions.ts";

// What cases of VFs make in a cluster with NICs, without one: no pool and no plugin of the simulation may be in it.

const SITE: VfSite = {
  plugin: "sriov",
  cniVersion: "0.4.0",
  keys: { vlan: 100 },
  pools: { [POOL_A]: "intel.com/net", [POOL_B]: "intel.com/other", [POOL_DPDK]: "intel.com/dpdk" },
  ranges: ["192.0.0.0/20"],
  homes: { n1: [] },
};
/** Of the simulation, in whatever a case makes; its pods run `plumbline-rec`, which comes along. */
const SIMULATED = /simvf|plumbline-sriov|host-device/;
const FREE = { present: true, evidence: "four are free" };

async function casesWith(...wanted: readonly string[]): Promise<readonly RegisteredCase[]> {
  const dir = packageFile("suites", "sriov");
  const files = readdirSync(dir).filter((name) => name.endsWith(".suite.ts"));
  const suites = [];
  for (const file of files) suites.push(...(await suitesOf(() => import(pathToFileURL(path.join(dir, file)).href))));
  return suites.flatMap(({ cases }) => cases).filter(({ definition }) => wanted.includes(definition.id));
}

describe("cases of VFs on a cluster with NICs", () => {
  const features = [...realVfFeatures(FREE), { name: "two-nodes", ...FREE }, { name: "kernel-macvlan", ...FREE }];
  const has = (need: string): boolean =>
    need.split("|").some((name) => features.some((feature) => feature.name === name && feature.present));
  const { cases: index } = loadCaseIndex();
  const ofVfs = index.filter(({ features: needs }) => needs.some((need) => need.startsWith("sriov")));
  const run = ofVfs.filter(({ features: needs }) => needs.every(has));
  const ids = run.map(({ id }) => id);

  it("are those that README names, and run at S3 alone", () => {
    expect(ids.join(" ")).to.equal(
      "MUL-021 MUL-022 MUL-023 MUL-024 MUL-025 SRV-002 SRV-003 SRV-006 SRV-009 SRV-010 SRV-011 SRV-013 SRV-014 SRV-024 " +
        "SRV-028 SRV-029 SRV-036 SRV-037 SRV-038 SRV-040 STA-011",
    );
    for (const { features: needs } of run) expect(levelsOfCase(needs, features)).to.deep.equal(["S3"]);
  });

  it("ask for nothing of the simulation, and put pods on the ranges of the link alone", async () => {
    const cases = await casesWith(...ids);
    expect(cases).to.have.length(ids.length);
    const slice = new AddressPool({ runId: "r", slices: 1, vfRanges: SITE.ranges }).slice(0);
    const place = { namespaces: { own: "own", other: "other" }, batchTag: "0x0", masterInterface: "eth1" };
    const networks = new LiveNetworks({ slice, ...place, vfSite: SITE } as unknown as LaneContext);
    const moving = new Set<string>();
    for (const { definition } of cases) {
      for (const declaration of networksOf(definition)) {
        const live = networks.live(declaration);
        const manifest = networks.manifests().find(({ metadata }) => metadata.name === live.name);
        expect(JSON.stringify(manifest), declaration.key).to.not.match(SIMULATED);
        if (!declaration.onVfs) continue;
        moving.add(live.range);
        const config = JSON.parse(String(manifest?.spec?.["config"])) as { plugins: unknown[] };
        expect(config, declaration.key).to.deep.include({ cniVersion: "0.4.0" });
        expect(config.plugins[0], declaration.key).to.deep.include({ type: "sriov", vlan: 100 });
        expect(live.range, declaration.key).to.match(/^192\.0\./);
      }
      for (const pod of Object.values(definition.pods)) {
        const asked = [resourcesOn(SITE, pod.resources), ...pod.furtherContainers.map((one) => containerOn(SITE, one))];
        expect(JSON.stringify(asked), pod.key).to.not.match(SIMULATED);
        expect(wantsVfs(pod), pod.key).to.equal(true);
      }
    }
    expect(moving.size, "networks of 256 addresses").to.equal(10);
  });
});
