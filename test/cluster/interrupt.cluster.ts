import { expect } from "chai";
import { PHASES, type PhaseOfRun } from "./phases.ts";
import type { Program } from "./program.ts";
import { Scene } from "./scene.ts";

const CLUSTER = "pl-interrupt";
/** Of the phases, only one: CI takes another each day. */
const ONLY = process.env["PLUMBLINE_PHASE"];
const CHOSEN = PHASES.filter((_, i) => ONLY === undefined || i === Number(ONLY) % PHASES.length);
const END_TIMEOUT_MS = 20_000;

describe("a run that is ended", () => {
  let scene: Scene;
  beforeEach(() => (scene = new Scene()));
  afterEach(() => scene.close());

  const expectRecordKept = (casesEnded: boolean): void => {
    const ended = scene.expectRecordKept(CLUSTER).filter(({ type }) => type === "case-ended");
    if (casesEnded) expect(ended, "cases that the record has as ended").not.to.have.length(0);
  };

  const startUntil = async ({ line, nodesRun }: PhaseOfRun): Promise<Program> => {
    const program = await scene.startUntil(line, CLUSTER);
    if (nodesRun) await scene.nodesRun(CLUSTER);
    return program;
  };

  for (const phase of CHOSEN) {
    const { title, casesEnded } = phase;
    it(`by Ctrl-C ${title} ends within 20 s with 130 and leaves nothing`, async function () {
      const program = await startUntil(phase);
      const tookMs = await program.end("SIGINT", 2 * END_TIMEOUT_MS);
      expect(program.exitCode, program.output).to.equal(130);
      expect(tookMs, "milliseconds until the end").to.be.at.most(END_TIMEOUT_MS);
      expect(program.output).to.match(/interrupted/);
      expect(program.output, "stack traces").not.to.match(/^\s+at .*:\d+:\d+\)?$/m);
      await scene.expectNothingLeft(CLUSTER, program);
      expectRecordKept(casesEnded);
      if (this.test) this.test.title += `: ${(tookMs / 1000).toFixed(1)} s`;
    });

    it(`by SIGKILL ${title} leaves nothing that gc does not remove`, async () => {
      const program = await startUntil(phase);
      await program.end("SIGKILL", END_TIMEOUT_MS);
      const { exitCode, stdout, stderr } = await scene.command("gc");
      expect(exitCode, `${stdout}\n${stderr}`).to.equal(0);
      await scene.expectNothingLeft(CLUSTER, program);
      expectRecordKept(casesEnded);
    });
  }
});
