import { record, type BadInput } from "./bad-input-row.ts";

const cell = (id: string, plan = "a", upTo = 100): string => {
  const [started, ...rest] = record(upTo).split("\n");
  const cells = [{ id, values: { mode: id } }];
  const facts = { plan: `sha256:${plan}`, cell: id, cells };
  return [JSON.stringify({ ...(JSON.parse(started ?? "") as object), matrix: facts }), ...rest].join("\n");
};

const matrix = (text: string): Pick<BadInput, "args" | "files" | "exitCode"> => ({
  args: ["matrix", "plan", "--matrix", "m.yaml"],
  files: { "m.yaml": text },
  exitCode: 2,
});

/** Bad words of a matrix and of its records. */
export const MATRIX_WORDS: readonly BadInput[] = [
  {
    title: "a matrix on a cluster that exists",
    args: ["matrix", "plan"],
    files: {
      "plumbline.yaml": "cluster: { provider: existing, kubeconfig: ./kubeconfig }\nmatrix: { mode: [thick, thin] }\n",
    },
    exitCode: 2,
    code: "PL_MATRIX_CLUSTER",
    says: ["a matrix makes its clusters", "plumbline run --cluster existing"],
  },
  {
    title: "a matrix of the cases that did not pass in a record",
    args: ["matrix", "plan", "--failed", "records/one"],
    files: { "plumbline.yaml": "matrix: { mode: [thick, thin] }\n" },
    exitCode: 2,
    code: "PL_USAGE",
    says: ["--failed chooses by one record", "--cell ID"],
  },
  {
    title: "an axis without values",
    ...matrix("mode: [thick]\nmultus: []\n"),
    code: "PL_CONFIG",
    says: ["m.yaml:2:9: matrix.multus names no value"],
  },
  {
    title: "an unknown axis",
    ...matrix("modes: [thick]\n"),
    code: "PL_CONFIG",
    says: ["m.yaml:1:1: ", 'unknown key "modes" in matrix', "did you mean mode?"],
  },
  {
    title: "an unknown default network of a matrix",
    ...matrix("mode: [thick]\ndefaultNetwork: [ptp, flanel]\n"),
    code: "PL_MATRIX_VALUE",
    says: ["m.yaml:2:23: ", 'no value "flanel"', "did you mean flannel?"],
  },
  {
    title: "a matrix of which nothing is left",
    ...matrix("mode: [thick]\nexclude:\n  - mode: thick\n"),
    code: "PL_CONFIG",
    says: ["m.yaml:3:3: matrix.exclude leaves no cell"],
  },
  {
    title: "a cell that is there twice",
    ...matrix("mode: [thick]\ninclude:\n  - mode: thick\n"),
    code: "PL_CONFIG",
    says: ["m.yaml:3:5: matrix.include[0] is a cell that is there already"],
  },
  {
    title: "a part out of range",
    ...matrix("mode: [thick]\n"),
    args: ["matrix", "run", "--matrix", "m.yaml", "--shard", "4/3"],
    code: "PL_SHARD",
    says: ["--shard 4/3 is out of range", "1 to 3"],
  },
  {
    title: "a cell that there is not",
    ...matrix("mode: [thick]\n"),
    args: ["matrix", "plan", "--matrix", "m.yaml", "--cell", "thik"],
    code: "PL_CELL",
    says: ["the plan has no cell thik", "did you mean thick?"],
  },
  {
    title: "no matrix",
    args: ["matrix", "plan"],
    exitCode: 2,
    code: "PL_MATRIX_NONE",
    says: ["there is no matrix to plan", "--matrix FILE"],
  },
  {
    title: "records of different plans",
    args: ["merge", "records"],
    files: { "records/a/events.ndjson": cell("thick"), "records/b/events.ndjson": cell("thin", "b") },
    exitCode: 2,
    code: "PL_MERGE_PLANS",
    says: ["are of different plans: sha256:a and sha256:b", "merge the records of one plan"],
  },
  {
    title: "a record to merge that is cut off in its first line",
    args: ["merge", "records"],
    files: { "records/a/events.ndjson": cell("thick").slice(0, 80) },
    exitCode: 2,
    code: "PL_MERGE_NONE",
    says: ["no record of a matrix is in", "cut off in its first line"],
  },
  {
    title: "a Multus that is none",
    args: ["run", "--multus", "latest"],
    exitCode: 2,
    code: "PL_CONFIG",
    says: ["multus must be a version such as v4.2.3", 'not "latest"'],
  },
];

/** Bad words: of the command line, of plumbline.yaml, and of a record. Nothing is started for any of them. */
