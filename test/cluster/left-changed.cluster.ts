import { expect } from "chai";
import { Program } from "./program.ts";
import { Scene } from "./scene.ts";

const CLUSTER = "pl-left-changed";
const FAULT = "bridge-drops-del";
const UNTIL_PLANTED_MS = 300_000;
const RUN_MS = 300_000;

describe("a cluster whose run was killed", () => {
  let scene: Scene;
  beforeEach(() => (scene = new Scene()));
  afterEach(async () => {
    await scene.command("down", "--name", CLUSTER);
    scene.close();
  });

  it("while a fault was planted is taken by no other run, which says why", async () => {
    const args = ["prove", "--fault", FAULT, "--name", CLUSTER, "--out", "proof", "--keep"];
    const program = Program.start(args, { cwd: scene.cwd });
    // the second of its runs is that behind the fault
    await program.sees(/Run \d+ cases?: started[^]*Run \d+ cases?: started/, UNTIL_PLANTED_MS);
    await program.end("SIGKILL", 20_000);
    const next = scene.start(CLUSTER, ["--reuse"]);
    await next.ended(RUN_MS);
    expect(next.output).to.contain("PL_CLUSTER_EXISTS").and.contain("in the middle of planted faults");
    expect(next.exitCode, next.output).to.equal(2);
  });
});
