import { expect } from "chai";
import fc from "fast-check";
import { workItems, type SuiteWork } from "./work-items.ts";

const suiteWork = (file: string, pods: number, disturbs: SuiteWork["disturbs"] = "nothing"): SuiteWork => ({
  file,
  caseIds: [`${file}-1`],
  pods,
  disturbs,
});

describe("workItems", () => {
  it("puts suites of few pods into one batch on one lane", () => {
    const items = workItems([suiteWork("a", 3), suiteWork("b", 4)], { lanes: 1, maxPods: 20 });
    expect(items).to.have.length(1);
    expect(items[0]?.suites.map((s) => s.file)).to.have.members(["a", "b"]);
  });

  it("spreads them when there are more lanes", () => {
    expect(workItems([suiteWork("a", 4), suiteWork("b", 4)], { lanes: 2, maxPods: 20 })).to.have.length(2);
  });

  it("has all lanes together start so many pods at a time", () => {
    const suites = Array.from({ length: 12 }, (_, i) => suiteWork(`s${i}`, 4));
    const pods = workItems(suites, { lanes: 2, maxPods: 24 }).map(({ suites: s }) => s.reduce((n, x) => n + x.pods, 0));
    expect(pods).to.deep.equal([12, 12, 12, 12]);
  });

  it("runs suites without pods first where that is asked for", () => {
    const suites = [suiteWork("a", 8), suiteWork("b", 0), suiteWork("c", 0)];
    const files = workItems(suites, { lanes: 1, maxPods: 20, podlessFirst: true }).map((i) =>
      i.suites.map((s) => s.file),
    );
    expect(files).to.deep.equal([["b", "c"], ["a"]]);
  });

  it("runs suites without pods beside the first batch, and with it on one lane", () => {
    const suites = [suiteWork("a", 8), suiteWork("b", 0), suiteWork("c", 8), suiteWork("d", 0)];
    const files = (lanes: number) =>
      workItems(suites, { lanes, maxPods: 16 }).map((item) => item.suites.map((s) => s.file).join(""));
    expect(files(2)).to.deep.equal(["a", "bd", "c"]);
    expect(files(1)).to.deep.equal(["acbd"]);
  });

  it("runs what disturbs alone and last", () => {
    const items = workItems([suiteWork("a", 1, "cluster"), suiteWork("b", 1)], { lanes: 1, maxPods: 20 });
    expect(items.map((i) => [i.alone, i.suites[0]?.file])).to.deep.equal([
      [false, "b"],
      [true, "a"],
    ]);
  });

  it("loses and doubles no suite", () => {
    const work = fc.tuple(fc.integer({ min: 0, max: 30 }), fc.constantFrom("nothing", "node", "cluster"));
    fc.assert(
      fc.property(fc.array(work), fc.integer({ min: 1, max: 5 }), (list, lanes) => {
        const suites = list.map(([pods, disturbs], i) => suiteWork(`s${i}`, pods, disturbs));
        const out = workItems(suites, { lanes, maxPods: 20 }).flatMap((item) => item.suites.map((s) => s.file));
        expect(out.toSorted()).to.deep.equal(suites.map((s) => s.file).toSorted());
      }),
    );
  });
});
