import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { readRecord } from "../../harness/results/record-reader.ts";
import { runCliIn } from "../run-cli.ts";
import { hostThings, leftOnHost } from "./left-on-host.ts";
import { PHASES } from "./phases.ts";
import { latest, Program } from "./program.ts";

const CLUSTER = "pl-interrupt";
const CASES = ["ATT-001", "TD-001", "TD-014"].flatMap((id) => ["--case", id]);
const PHASE_TIMEOUT_MS = 300_000;
const END_TIMEOUT_MS = 20_000;

describe("a run that is ended", () => {
  let cwd: string;
  let before: ReadonlySet<string>;

  beforeEach(() => {
    cwd = mkdtempSync(path.join(tmpdir(), "plumbline-ended-"));
    before = hostThings();
  });

  afterEach(() => {
    rmSync(cwd, { recursive: true });
  });

  const start = async (line: RegExp): Promise<Program> => {
    const program = Program.start(["run", "--name", CLUSTER, "--out", "records", ...CASES], { cwd });
    await program.sees(line, PHASE_TIMEOUT_MS);
    return program;
  };

  const expectNothingLeft = async ({ mark }: Program): Promise<void> => {
    expect(await leftOnHost(CLUSTER, { mark, cwd }), "what is left of the run").to.deep.equal([]);
    const grown = [...hostThings()].filter((thing) => !before.has(thing));
    expect(grown, "what the host has that it had not before").to.deep.equal([]);
  };

  /** The record up to the end: readable, with what had been found out. */
  const expectRecordKept = (casesEnded: boolean): void => {
    const { events } = readRecord(path.join(cwd, latest("records")));
    expect(events[0]?.type).to.equal("run-started");
    const ended = events.filter(({ type }) => type === "case-ended");
    if (casesEnded) expect(ended, "cases that the record has as ended").not.to.have.length(0);
    const failed = events.filter((event) => event.type === "verdict" && event.status === "failed");
    expect(failed, "cases that are called failed").to.deep.equal([]);
  };

  for (const { title, line, casesEnded } of PHASES) {
    it(`by Ctrl-C ${title} ends within 20 s with 130 and leaves nothing`, async function () {
      const program = await start(line);
      const tookMs = await program.end("SIGINT", 2 * END_TIMEOUT_MS);
      expect(program.exitCode, program.output).to.equal(130);
      expect(tookMs, "milliseconds until the end").to.be.at.most(END_TIMEOUT_MS);
      expect(program.output).to.match(/interrupted/);
      expect(program.output, "stack traces").not.to.match(/^\s+at .*:\d+:\d+\)?$/m);
      await expectNothingLeft(program);
      expectRecordKept(casesEnded);
      if (this.test) this.test.title += `: ${(tookMs / 1000).toFixed(1)} s`;
    });

    it(`by SIGKILL ${title} leaves nothing that gc does not remove`, async () => {
      const program = await start(line);
      await program.end("SIGKILL", END_TIMEOUT_MS);
      const { exitCode, stdout, stderr } = await runCliIn(cwd, ["gc"], {
        PLUMBLINE_HOME: undefined,
        DOCKER_HOST: undefined,
      });
      expect(exitCode, `${stdout}\n${stderr}`).to.equal(0);
      await expectNothingLeft(program);
      expectRecordKept(casesEnded);
    });
  }
});
