import { expect } from "chai";
import { packageFile } from "../harness/core/package-root.ts";
import { runCli, runOnTerminal } from "./run-cli.ts";

const program = packageFile("test", "programs", "show-progress.ts");

describe("progress", () => {
  it("is plain lines on a pipe, without escape sequences, on stderr", async () => {
    const { stdout, stderr } = await runCli([], program);
    expect(stdout).to.equal("");
    const lines = stderr.trimEnd().split("\n");
    for (const line of lines) expect(line).to.match(/^\[ *\d+\.\ds\] [\x20-\x7e]+$/);
    expect(lines.map((line) => line.replace(/^\[.*?\] /, "").replaceAll(/\d+\.\ds/g, "Xs"))).to.deep.equal([
      "cluster: started",
      "cluster > nodes: started",
      "cluster > nodes: 1 of 2 ready",
      "something by the way",
      "cluster > nodes: done in Xs, 2 ready",
      "cluster > images: started",
      "cluster > images: skipped: cached",
      "cluster: done in Xs",
      "stack: started",
      "stack: FAILED after Xs: multus is not ready",
    ]);
  });

  it("is a region that is redrawn on a terminal, and leaves a summary and the cursor", async () => {
    const { stdout } = await runOnTerminal([], program);
    expect(stdout).to.contain("\x1b[?25l").and.to.contain("1 of 2 ready");
    expect(stdout.lastIndexOf("\x1b[?25h")).to.be.greaterThan(stdout.lastIndexOf("\x1b[?25l"));
    const screen = afterLastClear(stdout);
    expect(screen).to.match(/✖.* stack .*multus is not ready/);
    expect(stdout)
      .to.match(/✔.* cluster /)
      .and.to.contain("something by the way");
    expect(stdout).to.not.contain("cached");
  });
});

function afterLastClear(output: string): string {
  return output.slice(output.lastIndexOf("\x1b[?25l"));
}
