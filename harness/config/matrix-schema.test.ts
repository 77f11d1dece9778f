import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { labelsOf, matrixCells } from "./matrix-cells.ts";
import { loadMatrix, parseConfig } from "./load-config.ts";
import { matrixSchema } from "./matrix-schema.ts";

const idsOf = (matrix: object): readonly string[] =>
  matrixCells(matrixSchema.parse(matrix)).map((cell) => Object.values(labelsOf(cell)).join(" "));

describe("a matrix", () => {
  it("has every combination of its axes, in their order, without what is excluded, then what is included", () => {
    expect(
      idsOf({
        mode: ["thick", "thin"],
        defaultNetwork: ["ptp", "flannel"],
        exclude: [{ defaultNetwork: "flannel", mode: "thin" }],
        include: [{ defaultNetwork: "flannel", mode: "thin", multus: "v4.2.3" }, { multus: "./multus" }],
      }),
    ).to.deep.equal(["ptp thick", "ptp thin", "flannel thick", "flannel thin v4.2.3", "./multus"]);
  });

  it("takes plugins as sources or with their keys", () => {
    expect(
      idsOf({ plugin: ["reference", "./bin/my-cni", { source: "go:example.com/x/y@v1.0.0", name: "other" }] }),
    ).to.deep.equal(["reference", "./bin/my-cni", "other"]);
  });

  const refused: readonly (readonly [string, string, string])[] = [
    ["an axis without values", "matrix:\n  mode: []\n", "c.yaml:2:9: matrix.mode names no value"],
    [
      "an unknown axis",
      "matrix:\n  multis: [v4.3.0]\n",
      'c.yaml:2:3: unknown key "multis" in matrix; did you mean multus?',
    ],
    [
      "an unknown axis of an entry",
      "matrix:\n  mode: [thin]\n  exclude:\n    - { modes: thin }\n",
      'c.yaml:4:9: unknown key "modes" in matrix.exclude[0]; did you mean mode?',
    ],
    ["an unknown mode", "matrix:\n  mode: [thick, thinn]\n", "c.yaml:2:17: matrix.mode[1] must be one of thick, thin"],
    [
      "a Multus that is none",
      "matrix:\n  multus: [latest]\n",
      "c.yaml:2:12: matrix.multus[0] must be a version such as",
    ],
    ["a duplicate value", "matrix:\n  mode: [thin, thin]\n", "c.yaml:2:16: matrix.mode[1] is thin once more"],
    [
      "a duplicate cell",
      "matrix:\n  mode: [thick, thin]\n  include:\n    - mode: thin\n",
      "c.yaml:4:7: matrix.include[0] is a cell that is there already",
    ],
    [
      "an exclude of nothing",
      "matrix:\n  mode: [thick]\n  exclude:\n    - mode: thin\n",
      "c.yaml:4:7: matrix.exclude[0] is no cell of the axes",
    ],
    [
      "no cell after exclude",
      "matrix:\n  mode: [thick]\n  exclude:\n    - mode: thick\n",
      "c.yaml:4:5: matrix.exclude leaves no cell",
    ],
    ["no axis", "matrix: {}\n", "c.yaml:1:9: matrix names no axis; there are kubernetes, defaultNetwork, mode"],
    ["a plugin that is none", "matrix:\n  plugin: [5]\n", "c.yaml:2:12: matrix.plugin[0] must be `reference`"],
  ];
  for (const [title, text, message] of refused) {
    it(`is refused at its place for ${title}`, () => {
      expect(() => parseConfig(text, "c.yaml")).to.throw(message);
    });
  }

  it("may stand in a file of its own, whose errors point there", () => {
    const dir = mkdtempSync(path.join(tmpdir(), "plumbline-matrix-"));
    try {
      const file = path.join(dir, "m.yaml");
      writeFileSync(file, "mode: [thick, thin]\n");
      expect(loadMatrix(file).mode).to.deep.equal(["thick", "thin"]);
      writeFileSync(file, "mode: [thick]\nnode: []\n");
      expect(() => loadMatrix(file)).to.throw(`${file}:2:1: unknown key "node" in matrix; did you mean mode?`);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
