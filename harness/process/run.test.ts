import { expect } from "chai";
import { run } from "./run.ts";

const sh = (script: string): [string, string[]] => ["sh", ["-c", script]];

describe("run", () => {
  it("returns output and exit code, and hands on the lines of both streams", async () => {
    const lines: string[] = [];
    const groups: number[] = [];
    const finished = await run(...sh("echo a; echo b >&2; exit 3"), {
      timeoutMs: 5_000,
      okExitCodes: [3],
      onLine: (line) => lines.push(line),
      onSpawn: (group) => groups.push(group),
    });
    expect(finished).to.include({ exitCode: 3, stdout: "a\n", stderr: "b\n" });
    expect(lines.toSorted()).to.deep.equal(["a", "b"]);
    expect(groups).to.have.length(1);
  });

  it("ends children that keep the output open when the time is over", async () => {
    const started = performance.now();
    const error: unknown = await run(...sh("sleep 30 & sleep 30"), { timeoutMs: 200 }).catch((e: unknown) => e);
    expect(performance.now() - started).to.be.lessThan(5_000);
    expect(error).to.include({ code: "PL_COMMAND" });
    expect((error as Error).message).to.match(/was killed after 0\.2 s/);
  });

  it("ends with the reason of an abort", async () => {
    const abort = new AbortController();
    const running = run(...sh("sleep 30"), { timeoutMs: 60_000, signal: abort.signal }).catch((e: unknown) => e);
    abort.abort(new Error("interrupted"));
    expect(await running).to.include({ message: "interrupted" });
  });

  it("tells what a failed command said, and when there is no such program", async () => {
    const failed: unknown = await run(...sh("echo because >&2; exit 2"), { timeoutMs: 5_000 }).catch((e: unknown) => e);
    expect((failed as Error).message).to.match(/exited with 2: because/);
    const missing: unknown = await run("no-such-program-here", [], { timeoutMs: 5_000 }).catch((e: unknown) => e);
    expect((missing as Error).message).to.match(/no such program/);
  });
});
