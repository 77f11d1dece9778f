import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect } from "chai";
import { packageFile } from "../harness/core/package-root.ts";

const PROGRAM = packageFile("test", "programs", "wait-for-signal.ts");

async function interrupt(signals: readonly NodeJS.Signals[], cleanUpMs: number) {
  const child = spawn(process.execPath, ["--import", "tsx", PROGRAM, String(cleanUpMs)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, CI: "" },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = once(child, "close");
  await once(child.stdout, "data");
  for (const signal of signals) {
    child.kill(signal);
    if (signals.length > 1) await Promise.race([once(child.stderr, "data"), ended]);
  }
  const [exitCode] = await ended;
  return { exitCode: exitCode as number, stdout, stderr };
}

describe("an interrupt", () => {
  it("by Ctrl-C lets the command clean up and ends with 130", async () => {
    const { exitCode, stdout, stderr } = await interrupt(["SIGINT"], 10);
    expect(stdout).to.contain("cleaned up");
    expect(stderr).to.contain("interrupted by Ctrl-C");
    expect(exitCode).to.equal(130);
  });

  it("by SIGTERM ends with 143", async () => {
    const { exitCode, stdout } = await interrupt(["SIGTERM"], 10);
    expect(stdout).to.contain("cleaned up");
    expect(exitCode).to.equal(143);
  });

  it("by a terminal that was closed ends with 143", async () => {
    const { exitCode, stdout, stderr } = await interrupt(["SIGHUP"], 10);
    expect(stdout).to.contain("cleaned up");
    expect(stderr).to.contain("the terminal was closed");
    expect(exitCode).to.equal(143);
  });

  it("cleans up though nobody reads any more what it says", async () => {
    const child = spawn(process.execPath, ["--import", "tsx", PROGRAM, "10"], { env: { ...process.env, CI: "" } });
    const ended = once(child, "close");
    await once(child.stdout, "data");
    child.stdout.destroy();
    child.stderr.destroy();
    child.kill("SIGTERM");
    const [exitCode, signal] = (await ended) as [number, string | null];
    expect([exitCode, signal], "its own exit code, and no end by a broken pipe").to.deep.equal([143, null]);
  });

  it("given twice ends at once", async () => {
    const { exitCode, stdout } = await interrupt(["SIGINT", "SIGINT"], 60_000);
    expect(stdout).to.not.contain("cleaned up");
    expect(exitCode).to.equal(130);
  });
});
