import { expect } from "chai";
import type { Clause } from "../plan/clauses.ts";
import { versionFeatures } from "./version-features.ts";

const clause = (id: string, since?: string): Clause => ({
  id,
  spec: "Multus documentation",
  section: "here",
  level: "feature",
  addressee: "multus",
  statement: "something that is promised",
  url: "https://example.com",
  since,
});
const CLAUSES = [clause("MULTUS-old"), clause("MULTUS-new", "v4.2.1"), clause("MULTUS-newest", "v4.3.0")];

/** Names of those that are there. */
const present = (version: string): readonly string[] =>
  versionFeatures(version, CLAUSES).flatMap((feature) => (feature.present ? feature.name : []));

describe("features by the version of Multus", () => {
  it("are those of clauses that are as old, and say what is missing", () => {
    expect(present("v4.1.4")).to.deep.equal([]);
    expect(present("v4.2.1")).to.deep.equal(["multus-new"]);
    expect(present("v4.3.0")).to.deep.equal(["multus-new", "multus-newest"]);
    const [, newest] = versionFeatures("v4.2.3", CLAUSES);
    expect(newest?.evidence).to.equal("MULTUS-newest is of Multus v4.3.0 and later, and this is v4.2.3");
  });

  it("count a commit after a release as later, and a version that nobody can tell as new", () => {
    expect(present("v4.3.1-0.20260820101010-95a093200000")).to.deep.equal(["multus-new", "multus-newest"]);
    expect(present("sha256:0123")).to.deep.equal(["multus-new", "multus-newest"]);
  });

  it("are there for the clauses of the project", () => {
    const [names, all] = [versionFeatures("v4.1.4"), versionFeatures("v4.3.0")];
    expect(names.map(({ name }) => name)).to.include("multus-connection-limit");
    expect(names.some((feature) => feature.present)).to.equal(false);
    expect(all.every((feature) => feature.present)).to.equal(true);
  });
});
