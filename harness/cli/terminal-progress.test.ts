import { PassThrough } from "node:stream";
import { expect } from "chai";
import { createPaint } from "./paint.ts";
import { TerminalProgress } from "./terminal-progress.ts";

function setUp(live: boolean) {
  const stream = Object.assign(new PassThrough(), { columns: 40, rows: 10 });
  const clock = { ms: 1_000 };
  const progress = new TerminalProgress({ stream, live, paint: createPaint(false), now: () => clock.ms });
  return { progress, clock, text: () => String(stream.read() ?? "") };
}

describe("TerminalProgress off a terminal", () => {
  it("writes one plain line a change of state, with the time since the start and the path", () => {
    const { progress, clock, text } = setUp(false);
    const cluster = progress.phase("cluster");
    clock.ms += 1_500;
    const nodes = cluster.phase("nodes");
    nodes.update("0 of 2 ready");
    clock.ms += 61_000;
    nodes.done("2 ready");
    cluster.fail("kind exited with 1\nlong log");
    progress.phase("images").skip("nothing to do");
    progress.note("by the way");
    expect(text().trimEnd().split("\n")).to.deep.equal([
      "[   0.0s] cluster: started",
      "[   1.5s] cluster > nodes: started",
      "[   1.5s] cluster > nodes: 0 of 2 ready",
      "[  62.5s] cluster > nodes: done in 1m 01s, 2 ready",
      "[  62.5s] cluster: FAILED after 1m 03s: kind exited with 1",
      "[  62.5s] images: started",
      "[  62.5s] images: skipped: nothing to do",
      "[  62.5s] by the way",
    ]);
  });

  it("repeats no detail and tells fast changes now and then", () => {
    const { progress, clock, text } = setUp(false);
    const phase = progress.phase("build");
    for (let i = 0; i < 100; i++) {
      phase.update(`package ${i}`);
      phase.update(`package ${i}`);
      clock.ms += 100;
    }
    expect(text().match(/package/g)).to.have.length(2);
  });

  it("ends a phase once", () => {
    const { progress, text } = setUp(false);
    const phase = progress.phase("x");
    phase.done();
    phase.fail("late");
    phase.update("later");
    expect(text()).to.not.match(/late/);
  });
});

describe("TerminalProgress on a terminal", () => {
  it("draws no line wider than the terminal and leaves what has ended", () => {
    const { progress, clock, text } = setUp(true);
    const cluster = progress.phase("cluster");
    cluster.phase("a title that is much longer than the forty columns there are").update("x".repeat(99));
    clock.ms += 2_000;
    cluster.phase("nodes").done("2 ready");
    cluster.phase("images").skip("cached");
    progress.note("a note");
    cluster.done();
    const out = text();
    expect(out).to.contain("✔ cluster  2.0s\n");
    expect(out).to.contain("  ✔ nodes  0.0s  2 ready\n");
    expect(out).to.not.contain("cached");
    expect(out).to.contain("a note\n");
    const drawn = out.replaceAll(/\x1b\[\?25[lh]|\x1b\[\d*[AJ]\r?/g, "").split("\n");
    for (const line of drawn.filter((l) => /[⠋-⠿]/.test(l))) expect(line.length, line).to.be.at.most(40);
    expect(out.endsWith("\x1b[?25h"), "shows the cursor again").to.equal(true);
  });
});
