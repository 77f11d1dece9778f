import { expect } from "chai";
import { run } from "../../harness/process/run.ts";
import { EngineProxy } from "./engine-proxy.ts";
import { Scene } from "./scene.ts";

const CLUSTER = "pl-taken";
const FIRST_CASE = /Run \d+ cases > \S+: started/;
/** Waits for pods that never come are bounded by three minutes. */
const RUN_TIMEOUT_MS = 400_000;

const docker = (...args: readonly string[]) => run("docker", args, { timeoutMs: 30_000 });

describe("a run that something is taken from", () => {
  let scene: Scene;
  beforeEach(() => (scene = new Scene()));
  afterEach(() => scene.close());

  /** What holds whatever was taken: an error and nobody's failure, every case with a verdict, the record closed. */
  const expectErrors = (): void => {
    const events = scene.expectRecordKept(CLUSTER);
    const verdicts = events.flatMap((event) => (event.type === "verdict" ? [event.status] : []));
    expect(verdicts, "verdicts").to.have.length(3);
    expect(verdicts, "verdicts").to.include("error");
    expect(events.at(-1)).to.include({ type: "run-ended", exitCode: 3 });
  };

  it("its API server: error", async () => {
    const program = await scene.startUntil(FIRST_CASE, CLUSTER);
    await docker("exec", `${CLUSTER}-control-plane`, "mv", "/etc/kubernetes/manifests/kube-apiserver.yaml", "/root/");
    await program.ended(RUN_TIMEOUT_MS);
    expect(program.exitCode, program.output).to.equal(3);
    expectErrors();
    await scene.expectNothingLeft(CLUSTER, program);
  });

  it("a node: error", async () => {
    const program = await scene.startUntil(FIRST_CASE, CLUSTER);
    await docker("kill", `${CLUSTER}-worker`);
    await program.ended(RUN_TIMEOUT_MS);
    expect(program.exitCode, program.output).to.equal(3);
    expectErrors();
    await scene.expectNothingLeft(CLUSTER, program);
  });

  // As root, nodes are entered without Docker: what is asked of them holds, and what only Docker can undo is told of.
  it("Docker: the cases end, the clean-up fails, and gc removes the cluster once Docker is back", async () => {
    const engine = await EngineProxy.start(scene.cwd);
    const program = await scene.startUntil(FIRST_CASE, CLUSTER, { DOCKER_HOST: engine.host });
    engine.takeAway();
    await program.ended(RUN_TIMEOUT_MS);
    expect(program.exitCode, program.output).to.equal(5);
    expect(program.output).to.match(
      /clean-up failed: .*delete the cluster pl-taken.*Cannot connect to the Docker daemon/,
    );
    expect(program.output, "stack traces").not.to.match(/^\s+at .*:\d+:\d+\)?$/m);
    const events = scene.expectRecordKept(CLUSTER);
    const verdicts = events.flatMap((event) => (event.type === "verdict" ? [event.status] : []));
    expect(verdicts.toSorted(), "verdicts").to.deep.equal(["known", "known", "passed"]);
    expect(events.at(-1)).to.include({ type: "run-ended", exitCode: 5 });
    const { exitCode, stdout, stderr } = await scene.command("gc");
    expect(exitCode, `${stdout}\n${stderr}`).to.equal(0);
    await scene.expectNothingLeft(CLUSTER, program);
  });
});
