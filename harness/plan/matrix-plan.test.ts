import { expect } from "chai";
import fc from "fast-check";
import { matrixSchema } from "../config/matrix-schema.ts";
import { PlumblineError } from "../core/errors.ts";
import { planMatrix, type MatrixBase, type MatrixCell } from "./matrix-plan.ts";
import { parseShard, pickCells, shardCells } from "./matrix-shards.ts";

const BASE: MatrixBase = {
  stack: "ptp-thick",
  multus: undefined,
  cniVersion: undefined,
  multusSettings: undefined,
  plugin: undefined,
  clusterName: "m",
  kubernetes: "v1.34.4",
  pinnedKubernetes: "v1.34.4",
  run: { profile: "quick" },
  suiteDigest: "sha256:0",
};

const planOf = (matrix: object, base: Partial<MatrixBase> = {}) =>
  planMatrix(matrixSchema.parse(matrix), { ...BASE, ...base });

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof PlumblineError ? error.code : String(error);
  }
  return "nothing was thrown";
}

const FOUR = { defaultNetwork: ["ptp", "flannel"], mode: ["thick", "thin"], multus: ["v4.3.0", "v4.2.3"] };

describe("planMatrix", () => {
  it("resolves cells to stacks, and lets those share a cluster that differ in Multus alone", () => {
    const { cells } = planOf(FOUR);
    expect(cells.map(({ id, stack, multus, cluster }) => [id, stack, multus, cluster].join(" "))).to.deep.equal([
      "ptp-thick-v4.3.0 ptp-thick v4.3.0 m-ptp",
      "ptp-thick-v4.2.3 ptp-thick v4.2.3 m-ptp",
      "ptp-thin-v4.3.0 ptp-thin v4.3.0 m-ptp",
      "ptp-thin-v4.2.3 ptp-thin v4.2.3 m-ptp",
      "flannel-thick-v4.3.0 flannel-thick v4.3.0 m-flannel",
      "flannel-thick-v4.2.3 flannel-thick v4.2.3 m-flannel",
      "flannel-thin-v4.3.0 flannel-thin v4.3.0 m-flannel",
      "flannel-thin-v4.2.3 flannel-thin v4.2.3 m-flannel",
    ]);
  });

  it("puts cells of one cluster together, and those of one Multus among them", () => {
    const { cells } = planOf({ mode: ["thick"], cniVersion: ["0.3.1", "1.0.0"], plugin: ["reference", "./a", "./b"] });
    expect(cells.map(({ id, cluster }) => `${cluster} ${id}`)).to.deep.equal([
      "m-ptp-cni031 thick-reference-0.3.1",
      "m-ptp-cni031 thick-a-0.3.1",
      "m-ptp-cni031 thick-b-0.3.1",
      "m-ptp-cni100 thick-reference-1.0.0",
      "m-ptp-cni100 thick-a-1.0.0",
      "m-ptp-cni100 thick-b-1.0.0",
    ]);
  });

  it("is the same each time, and another for another matrix, other cases or another suite", () => {
    const { digest } = planOf(FOUR);
    expect(planOf({ ...FOUR }).digest).to.equal(digest);
    expect(planOf({ ...FOUR, mode: ["thick"] }).digest).to.not.equal(digest);
    expect(planOf(FOUR, { run: { profile: "full" } }).digest).to.not.equal(digest);
    expect(planOf(FOUR, { suiteDigest: "sha256:1" }).digest).to.not.equal(digest);
    expect(planOf(FOUR, { clusterName: "other" }).digest, "names of clusters are no part of it").to.equal(digest);
  });

  it("tells apart what would have one id", () => {
    const ids = planOf({ multus: ["./a/b", "./a-b"] }).cells.map(({ id }) => id);
    expect(new Set(ids).size).to.equal(2);
    for (const id of ids) expect(id).to.match(/^a-b-[0-9a-f]{6}$/);
  });

  it("has an IPAM plugin under test in its role", () => {
    const [cell] = planOf({ ipam: ["./bin/my-ipam"] }).cells;
    expect(cell?.plugin).to.deep.include({ source: "./bin/my-ipam", role: "ipam" });
    expect(planOf({ ipam: ["reference"] }).cells[0]?.plugin).to.equal(undefined);
  });

  it("gives a plugin that an axis only names what the configuration says of the plugin under test", () => {
    const files = { "/etc/my.conf": "{}" };
    const objects = [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "my" } }];
    const plugin = { source: "./a", needsCluster: true, files, objects };
    const [cell] = planOf({ plugin: ["./b"] }, { plugin }).cells;
    expect(cell?.plugin).to.deep.equal({ source: "./b", needsCluster: true, files, objects });
  });

  it("gives each release of Kubernetes a cluster of its own, and says nothing of the pinned one", () => {
    const axes = { kubernetes: ["v1.33.13", "v1.34.4"], mode: ["thick", "thin"] };
    const made = (base: Partial<MatrixBase> = {}) =>
      planOf(axes, base).cells.map((cell) => [cell.kubernetes, cell.cluster, cell.values["kubernetes"]]);
    expect(new Set(made().map(String))).to.deep.equal(new Set(["v1.33.13,m-ptp-k13313,v1.33.13", ",m-ptp,v1.34.4"]));
    expect(planOf({ mode: ["thin"] }, { kubernetes: "v1.35.4" }).cells[0]).to.include({
      kubernetes: "v1.35.4",
      cluster: "m-ptp-k1354",
    });
    expect(planOf(axes).digest).not.to.equal(planOf({ ...axes, kubernetes: ["v1.33.12", "v1.34.4"] }).digest);
  });

  it("refuses what cannot be", () => {
    expect(codeOf(() => planOf({ defaultNetwork: ["calco"] }))).to.equal("PL_MATRIX_VALUE");
    expect(codeOf(() => planOf({ plugin: ["./a"], ipam: ["./b"] }))).to.equal("PL_MATRIX_CELL");
  });

  it("keeps what else its stack has in all cells, and refuses the cell whose stack does not exist", () => {
    const stacksOf = (matrix: object, stack: string) => planOf(matrix, { stack }).cells.map((cell) => cell.stack);
    const modes = { mode: ["thick", "thin"] };
    expect(stacksOf(modes, "ptp-thick-isolated")).to.deep.equal(["ptp-thick-isolated", "ptp-thin-isolated"]);
    const networks = { defaultNetwork: ["ptp", "flannel"] };
    expect(stacksOf(networks, "flannel-thin-simvf")).to.deep.equal(["ptp-thin-simvf", "flannel-thin-simvf"]);
    expect(stacksOf({ multus: ["v4.2.3"] }, "ptp-thick-whereabouts")).to.deep.equal(["ptp-thick-whereabouts"]);
    expect(() => stacksOf(networks, "ptp-thick-isolated")).to.throw(
      "the cell flannel cannot be: there is no stack flannel-thick-isolated",
    );
  });

  it("is another plan with other settings of Multus, and none where a mode lacks one", () => {
    const isolated = { multusSettings: { namespaceIsolation: true } };
    expect(planOf(FOUR, isolated).digest).not.to.equal(planOf(FOUR).digest);
    expect(planOf(FOUR, isolated).digest).to.equal(planOf(FOUR, structuredClone(isolated)).digest);
    const limited = { multusSettings: { connectionLimit: 2 } };
    expect(codeOf(() => planOf(FOUR, limited))).to.equal("PL_MULTUS_SETTING");
    expect(codeOf(() => planOf({ multus: ["v4.3.0"] }, limited))).to.equal("nothing was thrown");
  });
});

describe("shards", () => {
  const cellsFor = (clusters: readonly number[]): readonly MatrixCell[] =>
    clusters.flatMap((size, c) =>
      Array.from({ length: size }, (_, i) => ({
        id: `${c}-${i}`,
        values: {},
        stack: "s",
        kubernetes: undefined,
        multus: undefined,
        cniVersion: undefined,
        plugin: undefined,
        cluster: `c${c}`,
      })),
    );

  it("together have each cell once, whatever the matrix, the times and their number", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.integer({ min: 1, max: 3_600_000 }), { maxLength: 30 }),
        (clusters, count, times) => {
          const cells = cellsFor(clusters);
          const known = new Map(times.map((ms, i) => [cells[i]?.id ?? "", ms]));
          const parts = shardCells(cells, count, known);
          expect(parts).to.have.length(count);
          expect(parts.flat().map(({ id }) => id)).to.have.members(cells.map(({ id }) => id));
          expect(parts.flat()).to.have.length(cells.length);
          expect(shardCells(cells, count, known)).to.deep.equal(parts);
        },
      ),
    );
  });

  it("keep cells of a cluster together, and are balanced by known times", () => {
    const cells = cellsFor([2, 2, 2]);
    expect(shardCells(cells, 3).map((part) => new Set(part.map(({ cluster }) => cluster)).size)).to.deep.equal([
      1, 1, 1,
    ]);
    const long = new Map([["0-0", 3_000_000]]);
    const [first] = shardCells(cells, 2, long);
    expect(
      first?.map(({ id }) => id),
      "the long cell is alone",
    ).to.deep.equal(["0-0"]);
  });

  it("split a cluster where there are more parts than clusters", () => {
    const parts = shardCells(cellsFor([4]), 2);
    expect(parts.map((part) => part.length)).to.deep.equal([2, 2]);
    expect(shardCells(cellsFor([1]), 3).map((part) => part.length)).to.have.members([1, 0, 0]);
  });

  it("are read, and refused out of range", () => {
    expect(parseShard("2/3")).to.deep.equal({ index: 2, count: 3 });
    for (const text of ["0/3", "4/3", "1/0", "1", "a/b", "-1/2", "1/2/3", ""]) {
      expect(
        codeOf(() => parseShard(text)),
        text,
      ).to.equal("PL_SHARD");
    }
  });
});

describe("pickCells", () => {
  const cells = [{ id: "ptp-thick" }, { id: "ptp-thin" }, { id: "flannel-thick" }];

  it("keeps the order of the plan", () => {
    expect(pickCells(cells, ["flannel-thick", "ptp-thick"]).map(({ id }) => id)).to.deep.equal([
      "ptp-thick",
      "flannel-thick",
    ]);
  });

  it("says which cell there is not, and what may be meant", () => {
    expect(() => pickCells(cells, ["ptp-thim"])).to.throw("the plan has no cell ptp-thim; did you mean ptp-thin?");
  });
});
