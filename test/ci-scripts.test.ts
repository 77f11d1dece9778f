import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { loadMatrix } from "../harness/config/load-config.ts";
import { packageFile } from "../harness/core/package-root.ts";
import { run, type Finished } from "../harness/process/run.ts";
import { writeCell } from "../reports/matrix/sample-matrix.test-support.ts";
import { builtProgram } from "./run-cli.ts";

const ACTION = packageFile(".github", "actions", "conformance");
const SCRIPTS = packageFile(".github", "scripts");

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
}

describe("the scripts of CI", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), "plumbline-ci-"));
    // writes down how it was called, and ends as it is told
    const program = `#!/bin/sh\nfor word in "$@"; do printf '[%s]' "$word"; done >>"${dir}/calls"\necho >>"${dir}/calls"\nexit "\${STUB_EXIT:-0}"\n`;
    writeFileSync(path.join(dir, "stub"), program);
    chmodSync(path.join(dir, "stub"), 0o755);
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const script = (
    file: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Finished> =>
    run(file, args, {
      cwd: dir,
      timeoutMs: 60_000,
      okExitCodes: "any",
      env: { PLUMBLINE_PROGRAM: path.join(dir, "stub"), GITHUB_OUTPUT: path.join(dir, "output"), ...env },
    });
  const runSh = (env: Readonly<Record<string, string>>): Promise<Finished> =>
    script(path.join(ACTION, "run.sh"), [], env);
  const read = (name: string): string => readFileSync(path.join(dir, name), "utf8");

  it("run one stack with what the action was given, and end as Plumbline does", async () => {
    mkdirSync(path.join(dir, "out", "run-1"), { recursive: true });
    symlinkSync("run-1", path.join(dir, "out", "latest"));
    const inputs = { INPUT_STACK: "ptp-thin", INPUT_PLUGIN: "./my cni", INPUT_PROFILE: "", INPUT_OUT: "out" };
    const finished = await runSh({
      ...inputs,
      INPUT_STRICT: "true",
      INPUT_ARGUMENTS: "--lanes 2 --grep *",
      STUB_EXIT: "1",
    });
    expect(finished.exitCode).to.equal(1);
    expect(read("calls")).to.equal(
      "[run][--stack][ptp-thin][--plugin][./my cni][--out][out][--strict][--lanes][2][--grep][*]\n",
    );
    expect(read("output")).to.match(/^exit-code=1\nrecord=.*\/out\/run-1\n$/);
  });

  it("become root where they are not, and give back what root has written", async () => {
    const bin = path.join(dir, "bin");
    mkdirSync(bin);
    const stub = (name: string, text: string): void => {
      writeFileSync(path.join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    };
    stub("id", `echo 1001`);
    stub("sudo", `echo "sudo $*" >>"${dir}/sudo"; [ "$1" = chown ] && exit; shift; exec "$@"`);
    const PATH = `${bin}:${process.env["PATH"] ?? ""}`;
    expect((await runSh({ PATH, INPUT_OUT: "out", PLUMBLINE_HOME: path.join(dir, "home") })).exitCode).to.equal(0);
    expect(read("calls")).to.equal("[run][--out][out]\n");
    const [program, chown] = read("sudo").trim().split("\n");
    expect(program).to.match(/^sudo --preserve-env env PATH=\S+ \S+\/stub run --out out$/);
    expect(chown).to.equal(`sudo chown -R 1001:1001 out ${path.join(dir, "home")}`);
  });

  it("run a part of a matrix", async () => {
    expect((await runSh({ INPUT_MATRIX: "m.yaml", INPUT_SHARD: "2/3", INPUT_PROFILE: "full" })).exitCode).to.equal(0);
    expect(read("calls")).to.equal(
      "[matrix][run][--matrix][m.yaml][--shard][2/3][--profile][full][--out][plumbline-out]\n",
    );
  });

  it("refuse inputs that contradict each other, before anything runs", async () => {
    for (const inputs of [{ INPUT_MATRIX: "m.yaml", INPUT_STACK: "ptp-thin" }, { INPUT_SHARD: "1/2" }]) {
      const finished = await runSh(inputs);
      expect(finished.exitCode).to.equal(2);
      expect(finished.stdout).to.match(/^::error::the input (stack|shard) is for/);
    }
    expect(readdirSync(dir)).to.not.include("calls");
  });

  it("clean up even if one part of it fails, and tell", async () => {
    const finished = await script(path.join(ACTION, "clean-up.sh"), [], { STUB_EXIT: "5" });
    expect(finished.exitCode).to.equal(1);
    expect(read("calls")).to.equal("[down][--all]\n[gc]\n");
  });

  it("name the parts of a matrix for GitHub", async () => {
    const finished = await script(path.join(SCRIPTS, "shards.sh"), ["3"], { MATRIX: "m.yaml", PROFILE: "full" });
    expect(finished.stdout).to.equal('shards=["1/3","2/3","3/3"]\n');
    expect(read("output")).to.equal('shards=["1/3","2/3","3/3"]\n');
    expect(read("calls")).to.equal("[matrix][plan][--matrix][m.yaml][--profile][full]\n");
    expect((await script(path.join(SCRIPTS, "shards.sh"), ["0"])).exitCode).to.equal(2);
  });

  it("make a site of the records of all parts, with the gate of the whole", async () => {
    const records = path.join(dir, "records");
    writeCell(records, "thick-v4.3.0", { exitCode: 0, dir: "records-0/a" });
    writeCell(records, "thin-v4.2.3", { dir: "records-1/b" });
    writeFileSync(path.join(dir, "program"), `#!/bin/sh\nexec "${process.execPath}" "${await builtProgram()}" "$@"\n`);
    chmodSync(path.join(dir, "program"), 0o755);
    const env = { PLUMBLINE_PROGRAM: path.join(dir, "program") };
    const finished = await script(path.join(SCRIPTS, "table.sh"), ["records", "site"], env);
    expect(finished.exitCode, finished.stderr).to.equal(1);
    expect(readdirSync(path.join(dir, "site")).toSorted()).to.deep.equal(["index.html", "matrix", "records"]);
    const table = read("site/matrix/compatibility.html");
    expect(table).to.contain('href="../records/records-1/b/report.html"');
  }).timeout(200_000);

  it("are all that the action and the workflows run, and are there", () => {
    const { inputs, runs } = parse(readFileSync(path.join(ACTION, "action.yml"), "utf8")) as {
      inputs: Record<string, unknown>;
      runs: { steps: readonly Step[] };
    };
    const own = runs.steps.flatMap((step) =>
      step.run === undefined ? [] : [step.run.replaceAll(/^"\$GITHUB_ACTION_PATH\/|"$/g, "")],
    );
    expect(own).to.deep.equal(["install.sh", "run.sh", "clean-up.sh"]);
    expect(runs.steps.at(-1)?.if, "always cleans up").to.equal("always()");
    const handed = Object.keys(runs.steps.find(({ run: line }) => line?.includes("run.sh"))?.env ?? {});
    const known = Object.keys(inputs).map((name) => `INPUT_${name.toUpperCase()}`);
    // the others are of the action itself
    const ofSteps = ["INPUT_WORKING-DIRECTORY", "INPUT_ARTIFACT", "INPUT_RETENTION-DAYS"];
    expect(handed.filter((name) => name.startsWith("INPUT_"))).to.have.members(
      known.filter((name) => !ofSteps.includes(name)),
    );
    const upload = runs.steps.find(({ uses }) => uses?.startsWith("actions/upload-artifact@"));
    expect(upload?.if, "uploads whatever came of it").to.match(/^always\(\)/);
    for (const file of readdirSync(packageFile(".github", "workflows"))) {
      const text = readFileSync(packageFile(".github", "workflows", file), "utf8");
      for (const [, name = ""] of text.matchAll(/\.github\/scripts\/([\w-]+\.sh)/g)) {
        expect(readdirSync(SCRIPTS), file).to.include(name);
      }
      for (const [, version = ""] of text.matchAll(/uses: actions\/[\w-]+@(\S+)/g)) {
        expect(version, `${file}: pinned`).to.match(/^v\d+\.\d+\.\d+$/);
      }
    }
  });

  it("have matrices that can be planned", () => {
    for (const file of readdirSync(packageFile(".github", "matrices"))) {
      expect(loadMatrix(packageFile(".github", "matrices", file)).multus).to.include("v4.3.0");
    }
  });
});
