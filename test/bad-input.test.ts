import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { configTexts } from "../harness/config/config-texts.test-support.ts";
import { sampleEvents } from "../harness/results/sample-events.test-support.ts";
import { runCli, runCliIn } from "./run-cli.ts";

interface Row {
  readonly title: string;
  readonly args: readonly string[];
  /** Written into the working folder. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly exitCode: number;
  readonly code: string;
  /** What, where, why and what to do next, as words of stderr. */
  readonly says: readonly string[];
  /** Also with --json. It takes a second start of the program, and is rendered in one place for all. */
  readonly json?: true;
}

const record = (upTo: number): string =>
  sampleEvents()
    .slice(0, upTo)
    .map((event) => `${JSON.stringify(event)}\n`)
    .join("");

const cell = (id: string, plan = "a", upTo = 100): string => {
  const [started, ...rest] = record(upTo).split("\n");
  const cells = [{ id, values: { mode: id } }];
  const facts = { plan: `sha256:${plan}`, cell: id, cells };
  return [JSON.stringify({ ...(JSON.parse(started ?? "") as object), matrix: facts }), ...rest].join("\n");
};

const matrix = (text: string): Pick<Row, "args" | "files" | "exitCode"> => ({
  args: ["matrix", "plan", "--matrix", "m.yaml"],
  files: { "m.yaml": text },
  exitCode: 2,
});

/** Bad words of a matrix and of its records. */
const MATRIX_WORDS: readonly Row[] = [
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
const WORDS: readonly Row[] = [
  {
    title: "an unknown key",
    json: true,
    args: ["run"],
    files: { "plumbline.yaml": "stack: ptp-thin\nprofil: quick\n" },
    exitCode: 2,
    code: "PL_CONFIG",
    says: ["plumbline.yaml:2:1: ", 'unknown key "profil"', "did you mean profile?"],
  },
  {
    title: "a wrong type",
    args: ["up", "--config", "my.yaml"],
    files: { "my.yaml": "images:\n  source: build\nworkers: two\n" },
    exitCode: 2,
    code: "PL_CONFIG",
    says: ["my.yaml:3:10: ", 'workers must be a number, not "two"'],
  },
  {
    title: "broken YAML",
    args: ["run"],
    files: { "plumbline.yaml": "stack: [a\n" },
    exitCode: 2,
    code: "PL_CONFIG",
    says: ["plumbline.yaml:2:1: "],
  },
  {
    title: "a configuration that is not there",
    args: ["run", "--config", "none.yaml"],
    exitCode: 2,
    code: "PL_CONFIG_FILE",
    says: ["none.yaml", "ENOENT", "--config FILE"],
  },
  {
    title: "an unknown stack in plumbline.yaml",
    args: ["run"],
    files: { "plumbline.yaml": "# ours\nstack: flanel-thick\n" },
    exitCode: 2,
    code: "PL_STACK_UNKNOWN",
    says: ["plumbline.yaml:2:8: ", 'no stack "flanel-thick"', "did you mean flannel-thick?"],
  },
  {
    title: "an unknown stack of up in plumbline.yaml",
    args: ["up"],
    files: { "plumbline.yaml": "stack: flanel-thick\n" },
    exitCode: 2,
    code: "PL_STACK_UNKNOWN",
    says: ["plumbline.yaml:1:8: ", "did you mean flannel-thick?"],
  },
  {
    title: "an unknown stack on the command line, whatever the file says",
    args: ["run", "--stack", "nothing-alike"],
    files: { "plumbline.yaml": "stack: ptp-thin\n" },
    exitCode: 2,
    code: "PL_STACK_UNKNOWN",
    says: ['error: there is no stack "nothing-alike"', "there are calico-thick", "flannel-thick"],
  },
  {
    title: "a setting that Multus does not have",
    args: ["run"],
    files: { "plumbline.yaml": "multusConfig:\n  nameSpaceIsolation: true\n" },
    exitCode: 2,
    code: "PL_CONFIG",
    says: [
      "plumbline.yaml:2:3: ",
      'unknown key "nameSpaceIsolation" in multusConfig',
      "did you mean namespaceIsolation?",
    ],
  },
  {
    title: "a setting of the daemon where Multus has none",
    args: ["run"],
    files: { "plumbline.yaml": "stack: ptp-thin\nmultusConfig:\n  connectionLimit: 2\n" },
    exitCode: 2,
    code: "PL_MULTUS_SETTING",
    says: ["plumbline.yaml:3:20: ", "thin mode has no setting connectionLimit", "stacks with thick in their name"],
  },
  {
    title: "a setting of Multus in a cluster that exists",
    args: ["run"],
    files: {
      "plumbline.yaml": "cluster: { provider: existing, kubeconfig: k }\nmultusConfig:\n  namespaceIsolation: true\n",
    },
    exitCode: 2,
    code: "PL_EXISTING_OPTIONS",
    says: ["multusConfig: Multus in a cluster that exists is taken as it is", "leave the key out"],
  },
  {
    title: "an unknown case in plumbline.yaml",
    json: true,
    args: ["run"],
    files: { "plumbline.yaml": "cases:\n  - ATT-001\n  - ATT-9\n" },
    exitCode: 2,
    code: "PL_CASE_UNKNOWN",
    says: ["plumbline.yaml:3:5: ", 'no case "ATT-9"', "did you mean ATT-009?"],
  },
  {
    title: "an unknown case on the command line",
    args: ["prove", "--case", "TDD-001"],
    exitCode: 2,
    code: "PL_CASE_UNKNOWN",
    says: ['no case "TDD-001"', "did you mean TD-001?"],
  },
  {
    title: "an unknown profile in plumbline.yaml",
    args: ["run"],
    files: { "plumbline.yaml": "profile: qick\n" },
    exitCode: 2,
    code: "PL_PROFILE_UNKNOWN",
    says: ["plumbline.yaml:1:10: ", 'no profile "qick"', "did you mean quick?"],
  },
  {
    title: "an unknown feature",
    args: ["run", "--feature", "kernel-macvln"],
    exitCode: 2,
    code: "PL_FEATURE_UNKNOWN",
    says: ["kernel-macvln", "did you mean kernel-macvlan?"],
  },
  {
    title: "an unknown fault",
    json: true,
    args: ["prove", "--fault", "bridge-drop-del"],
    exitCode: 2,
    code: "PL_FAULT_UNKNOWN",
    says: ["bridge-drop-del", "did you mean bridge-drops-del?"],
  },
  {
    title: "an empty selection",
    args: ["run", "--grep", "nobody tests this"],
    exitCode: 2,
    code: "PL_NOTHING_SELECTED",
    says: ['"nobody tests this" matches none of the', "of full", "plumbline list"],
  },
  {
    title: "a number that is none",
    args: ["run", "--lanes", "many"],
    exitCode: 2,
    code: "PL_USAGE",
    says: ["--lanes", "whole number", "plumbline --help"],
  },
  {
    title: "a number that is too large",
    args: ["up", "--workers", "99"],
    exitCode: 2,
    code: "PL_CONFIG",
    says: ["command line", "workers must be at most 20, not 99", "--help"],
  },
  {
    title: "a mirror that is not named",
    args: ["run", "--source", "mirror"],
    exitCode: 2,
    code: "PL_CONFIG",
    says: ["images.mirror"],
  },
  {
    title: "a file where records are to be",
    args: ["run", "--out", "file"],
    files: { file: "" },
    exitCode: 2,
    code: "PL_OUT",
    says: ["/file", "ENOTDIR", "--out DIR"],
  },
  {
    title: "a folder that takes nothing in",
    args: ["run", "--out", "/proc/plumbline/out"],
    exitCode: 2,
    code: "PL_OUT",
    says: ["/proc/plumbline", "ENOENT", "--out DIR"],
  },
  {
    title: "a home that takes nothing in",
    args: ["list"],
    env: { PLUMBLINE_HOME: "/proc/plumbline" },
    exitCode: 3,
    code: "PL_HOME",
    says: ["/proc/plumbline", "PLUMBLINE_HOME names another place"],
  },
  {
    title: "a record that is not there",
    args: ["run", "--failed", "gone"],
    exitCode: 2,
    code: "PL_RECORD_MISSING",
    says: ["/gone/events.ndjson", "does not exist", "give the folder of a run"],
  },
  {
    title: "a record cut off in its first line",
    args: ["run", "--failed", "old"],
    files: { "old/events.ndjson": record(1).slice(0, 60) },
    exitCode: 2,
    code: "PL_RECORD_BROKEN",
    says: ["/old/events.ndjson:1: ", "cut off", "run again"],
  },
  {
    title: "a record broken in the middle",
    args: ["run", "--failed", "old"],
    files: { "old/events.ndjson": `${record(2)}{"seq":2,\n` },
    exitCode: 2,
    code: "PL_RECORD_BROKEN",
    says: ["/old/events.ndjson:3: ", "no JSON", "take another, or run again"],
  },
  {
    title: "a record that is a folder",
    args: ["run", "--failed", "old"],
    files: { "old/events.ndjson/x": "" },
    exitCode: 2,
    code: "PL_RECORD_UNREADABLE",
    says: ["/old/events.ndjson", "EISDIR"],
  },
  {
    title: "a record of which nothing is left to run",
    args: ["run", "--failed", "old", "--case", "ATT-001"],
    files: { "old/events.ndjson": record(100) },
    exitCode: 2,
    code: "PL_NOTHING_SELECTED",
    says: ["no case failed in the run", "leave --failed out"],
  },
  ...MATRIX_WORDS,
];

/** The same without a Docker; the socket is not there. */
const NO_DOCKER: readonly Row[] = [
  ...(["up", "images list"] as const).map((command) => ({
    title: `no Docker: ${command}`,
    args: command.split(" "),
    exitCode: 3,
    code: command === "images list" ? "PL_DOCKER" : "PL_NO_DOCKER",
    says: ["docker", "`plumbline doctor`"],
  })),
  ...(["down"] as const).map((command) => ({
    title: `no Docker: ${command}`,
    args: [command],
    exitCode: 3,
    code: "PL_DOCKER",
    says: ["docker", "`plumbline doctor` tells whether Docker works"],
    json: true as const,
  })),
];

function withFolder(work: (home: string) => Promise<void>): Promise<void> {
  const home = mkdtempSync(path.join(tmpdir(), "plumbline-bad-"));
  return work(home).finally(() => rmSync(home, { recursive: true, force: true }));
}

function write(home: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(home, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

describe("bad input", () => {
  // the first start compiles the program
  before(async function () {
    this.timeout(180_000);
    await runCli(["--version"]);
  });

  for (const { title, args, files = {}, env = {}, exitCode, code, says, json } of [...WORDS, ...NO_DOCKER]) {
    it(`is answered by one clear error: ${title}`, () =>
      withFolder(async (home) => {
        write(home, files);
        const done = await runCliIn(home, args, env);
        const text = done.stderr.replaceAll(/\s+/g, " ");
        expect(done.exitCode, text).to.equal(exitCode);
        for (const word of [...says, `[${code}]`]) expect(text).to.contain(word);
        expect(text.match(/\[PL_\w+\]/g), "one error").to.have.length(1);
        expect(done.stderr, "no stack").to.not.match(/^\s+at /m);
        expect(done.stdout).to.equal("");

        if (!json) return;
        const asJson = await runCliIn(home, [...args, "--json", "--quiet"], env);
        expect([asJson.exitCode, asJson.stderr]).to.deep.equal([exitCode, ""]);
        const { error } = JSON.parse(asJson.stdout) as { error: Record<string, unknown> };
        expect(error).to.include({ code, exitCode });
      }));
  }

  it("keeps what was obtained: a run without Docker has its record and its reports", () =>
    withFolder(async (home) => {
      const done = await runCliIn(home, ["run", "--case", "TD-001"]);
      expect(done.exitCode).to.equal(3);
      expect(done.stderr)
        .to.contain("[PL_NO_DOCKER]")
        .and.to.not.match(/^\s+at /m);
      const latest = path.join(home, "plumbline-out", "latest");
      expect(readFileSync(path.join(latest, "events.ndjson"), "utf8")).to.contain("Docker does not answer");
      for (const report of ["conformance.json", "junit.xml", "summary.md"]) {
        expect(readFileSync(path.join(latest, report), "utf8")).to.contain("TD-001");
      }
    }));

  it("is one JSON document of a run, too, and the error beside it", () =>
    withFolder(async (home) => {
      const done = await runCliIn(home, ["run", "--case", "TD-001", "--json", "--quiet"]);
      expect(done.exitCode).to.equal(3);
      expect(JSON.parse(done.stdout)).to.have.property("runId");
      expect(done.stderr).to.contain("[PL_NO_DOCKER]");
    }));

  it("is told and used where a record was cut off behind whole events", () =>
    withFolder(async (home) => {
      write(home, { "old/events.ndjson": record(100).slice(0, -20) });
      const done = await runCliIn(home, ["run", "--failed", "old"]);
      expect(done.stderr).to.match(/old\/events\.ndjson:\d+: the record is cut off in this line/);
      expect(done.stderr).to.contain("[PL_NO_DOCKER]");
      expect(done.stdout).to.contain("STA-005").and.to.contain("TD-001");
    }));

  it("shows its stack with --verbose alone", () =>
    withFolder(async (home) => {
      const done = await runCliIn(home, ["run", "--stack", "nothing-alike", "--verbose"]);
      expect(done.stderr).to.match(/^ +at /m);
    }));
  it("shows no stack where plumbline.yaml is read as far as stacks, profiles and cases", async function () {
    this.timeout(240_000);
    await fc.assert(
      fc.asyncProperty(configTexts, (text) =>
        withFolder(async (home) => {
          write(home, { "plumbline.yaml": text, "m.yaml": "mode: [thick, thin]\n" });
          const { exitCode, stdout, stderr } = await runCliIn(home, ["matrix", "plan", "--matrix", "m.yaml"]);
          expect(stderr).to.not.match(/^\s+at /m);
          expect(exitCode === 0 ? stdout : stderr).to.match(exitCode === 0 ? /^2 cells/ : /^error: [^]*\[PL_[A-Z_]+\]/);
          expect(exitCode).to.be.oneOf([0, 2]);
        }),
      ),
      { numRuns: 12 },
    );
  });

  it("never shows a stack, nor another exit code, whatever plumbline.yaml holds", async function () {
    this.timeout(240_000);
    await fc.assert(
      fc.asyncProperty(configTexts, (text) =>
        withFolder(async (home) => {
          write(home, { "plumbline.yaml": text });
          // a valid one gets as far as what it names, or the record, which is not there
          const { exitCode, stdout, stderr } = await runCliIn(home, ["run", "--failed", "gone"]);
          expect([exitCode, stdout]).to.deep.equal([2, ""]);
          expect(stderr).to.not.match(/^\s+at /m);
          expect(stderr).to.match(
            /^error: plumbline\.yaml:[1-9]\d*:[1-9]\d*: [^]*\[PL_[A-Z_]+\]|\[PL_RECORD_MISSING\]/,
          );
        }),
      ),
      { numRuns: 25 },
    );
  });
});
