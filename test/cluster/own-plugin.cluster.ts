import { chmodSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { loadFeatures } from "../../harness/plan/features.ts";
import type { RunEvent } from "../../harness/results/events.ts";
import type { Program } from "./program.ts";
import { Scene } from "./scene.ts";

const CLUSTER = "pl-own";
const RUN_TIMEOUT_MS = 400_000;
const BY_ITSELF = ["--layer", "L0", "--grep", "^CNI-"];

/** A plugin from a Go module under a name that no other has. */
const CONFIG = `plugin:
  source: go:github.com/containernetworking/plugins@v1.9.1#plugins/main/bridge
  name: their-bridge
  network:
    plugins:
      - { type: their-bridge, bridge: "\${bridge}", ipam: "\${ipam}" }
`;

describe("a plugin of the user's own", () => {
  let scene: Scene;
  beforeEach(() => (scene = new Scene()));
  afterEach(async () => {
    await scene.command("down", "--name", CLUSTER);
    scene.close();
  });

  const ended = async (program: Program): Promise<readonly RunEvent[]> => {
    await program.ended(RUN_TIMEOUT_MS);
    expect(program.exitCode, program.output).to.equal(1); // what is known of bridge excuses nobody else's
    return scene.events(CLUSTER);
  };
  const verdicts = (events: readonly RunEvent[]): readonly string[] =>
    events.flatMap((event) => (event.type === "verdict" ? [`${event.caseId} ${event.status}`] : []));
  const firstOf = (events: readonly RunEvent[], isMeant: (event: RunEvent) => boolean): number =>
    events.find(isMeant)?.seq ?? Number.NaN;

  it("is asked by itself before its cluster stands, and answers as on one that does", async () => {
    writeFileSync(path.join(scene.cwd, "plumbline.yaml"), CONFIG);
    const before = await ended(scene.startCases(BY_ITSELF, CLUSTER, { args: ["--reuse"] }));
    const passed = firstOf(before, (event) => event.type === "case-ended" && event.outcome === "passed");
    const stands = firstOf(before, (event) => event.type === "phase" && event.title === `Cluster ${CLUSTER}`);
    expect(passed, "the first case that passed").to.be.lessThan(stands);
    expect(verdicts(before)).to.include("CNI-020 passed");
    // what fixtures/features.yaml says is looked for
    const looked = before.flatMap((event) => (event.type === "testbed" ? event.features : [])).map(({ name }) => name);
    expect(looked).to.include.members([...loadFeatures().keys()]);
    const after = await ended(scene.startCases(BY_ITSELF, CLUSTER, { args: ["--reuse"] }));
    expect(verdicts(after)).to.deep.equal(verdicts(before));
  });

  it("that is no plugin ends the run before there is a cluster", async () => {
    const program = path.join(scene.cwd, "my-cni");
    writeFileSync(program, "#!/bin/sh\necho rubbish\n");
    chmodSync(program, 0o755);
    const run = scene.startCases(BY_ITSELF, CLUSTER, { args: ["--plugin", "./my-cni"] });
    await run.ended(RUN_TIMEOUT_MS);
    expect(run.output).to.contain("PL_PLUGIN_VERSION");
    expect(run.exitCode, run.output).to.equal(2);
    expect(run.output, "phases").not.to.match(/^\S+ +Stack /m);
    await scene.expectNothingLeft(CLUSTER, run);
  });
});
