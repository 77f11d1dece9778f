import { expect } from "chai";
import { Scene } from "./scene.ts";

const RUN_TIMEOUT_MS = 600_000;

describe("two runs at once on one host", () => {
  let scene: Scene;
  beforeEach(() => (scene = new Scene()));
  afterEach(() => scene.close());

  it("on clusters of different names have nothing to do with each other", async () => {
    const names = ["pl-twice-a", "pl-twice-b"];
    const programs = names.map((name) => scene.start(name));
    for (const [i, name] of names.entries()) {
      const program = programs[i];
      if (!program) throw new Error(`no run of ${name}`);
      await program.ended(RUN_TIMEOUT_MS);
      expect(program.exitCode, program.output).to.equal(0);
      scene.expectRecordKept(name);
      await scene.expectNothingLeft(name, program);
    }
  });

  it("on one cluster: the second is told that it is in use, and the first goes on", async () => {
    const first = await scene.startUntil(/making the network/, "pl-twice");
    const second = scene.start("pl-twice", ["--out", "records-second"]);
    await second.ended(RUN_TIMEOUT_MS);
    expect(second.output).to.contain("PL_CLUSTER_IN_USE");
    expect(second.exitCode, second.output).to.equal(2);
    await first.ended(RUN_TIMEOUT_MS);
    expect(first.exitCode, first.output).to.equal(0);
    await scene.expectNothingLeft("pl-twice", first);
  });
});
