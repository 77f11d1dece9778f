import { expect } from "chai";
import { startLineSession } from "./line-session.ts";

async function failure(work: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not fail");
}

describe("startLineSession", () => {
  it("answers each line in order, and ends with its input", async () => {
    const session = startLineSession("sh", ["-c", 'while read -r line; do echo "<$line>"; done']);
    const answers = await Promise.all(["a", "b", "c"].map((line) => session.ask(line, 5_000)));
    expect(answers).to.deep.equal(["<a>", "<b>", "<c>"]);
    expect(session.isOver()).to.equal(false);
    await session.close(5_000);
    expect(session.isOver()).to.equal(true);
    expect((await failure(session.ask("d", 1_000))).message).to.contain("has ended");
  });

  it("tells what a program said that ended before it answered", async () => {
    const session = startLineSession("sh", ["-c", "read -r line; echo no such thing >&2"]);
    const error = await failure(session.ask("a", 5_000));
    expect(error).to.include({ code: "PL_SESSION" });
    expect(error.message).to.contain("no such thing");
  });

  it("ends a program that does not answer", async () => {
    const session = startLineSession("sh", ["-c", "read -r line; exec sleep 60"]);
    expect((await failure(session.ask("a", 100))).message).to.contain("no answer within 0.1 s");
    await session.close(5_000);
  });

  it("passes lines of any length", async () => {
    const session = startLineSession("cat", []);
    const long = "x".repeat(3_000_000);
    expect(await session.ask(long, 10_000)).to.have.length(long.length);
    await session.close(5_000);
  });
});
