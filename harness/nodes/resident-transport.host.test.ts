import { expect } from "chai";
import { PlumblineError } from "../core/errors.ts";
import { localTransport } from "./local-transport.ts";
import { residentTransport, type ResidentTransport } from "./resident-transport.ts";
import { buildProgram } from "./scratch-node.test-support.ts";
import type { NodeTransport } from "./transport.ts";

const timeoutMs = 20_000;

async function errorOf(work: Promise<unknown>): Promise<PlumblineError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof PlumblineError) return error;
    throw error;
  }
  return expect.fail("it did not fail");
}

describe("residentTransport", function () {
  this.timeout(120_000);
  let invoker = "";
  let node: ResidentTransport;
  /** What went the plain way. */
  let plainly: string[][];
  let opened: { kill: () => Promise<void> }[];

  before(async () => {
    invoker = await buildProgram("invoker");
  });

  beforeEach(() => {
    const local = localTransport({ node: "n1" });
    plainly = [];
    opened = [];
    const plain: NodeTransport = {
      ...local,
      exec: (argv, options) => {
        plainly.push([...argv]);
        return local.exec(argv, options);
      },
      open: async (argv) => {
        const session = await local.open(argv);
        opened.push({ kill: () => session.close(0) });
        return session;
      },
    };
    node = residentTransport(plain, { invokerPath: invoker });
  });

  afterEach(() => node.close());

  it("gives what a program said, fed with text or bytes, by one program that stays", async () => {
    for (const stdin of ["fed: ü\n", new TextEncoder().encode("fed: ü\n")]) {
      const { exitCode, stdout, stderr } = await node.exec(["sh", "-c", "cat; echo trouble >&2; exit 3"], {
        timeoutMs,
        stdin,
        okExitCodes: [3],
      });
      expect({ exitCode, stdout, stderr }).to.deep.equal({ exitCode: 3, stdout: "fed: ü\n", stderr: "trouble\n" });
    }
    expect((await node.exec(["cat"], { timeoutMs })).stdout, "without standard input").to.equal("");
    expect(opened.length).to.equal(1);
    expect(plainly).to.deep.equal([]);
  });

  it("refuses an exit code that is no answer, with the program, the node and what it said", async () => {
    const error = await errorOf(node.exec(["sh", "-c", "echo no such table >&2; exit 2"], { timeoutMs }));
    expect(error).to.include({ code: "PL_NODE_EXEC", kind: "harness" });
    expect(error.message).to.match(/`n1: sh .*exited with 2: no such table/);
  });

  it("answers as a shell does for a program that cannot be started", async () => {
    const { exitCode, stderr } = await node.exec(["no-such-program"], { timeoutMs, okExitCodes: "any" });
    expect(exitCode).to.equal(127);
    expect(stderr).to.include("no-such-program");
    expect((await errorOf(node.exec(["no-such-program"], { timeoutMs }))).message).to.include("exited with 127");
  });

  it("kills a program that is not done in time, and goes on", async () => {
    const error = await errorOf(node.exec(["sh", "-c", "echo begun; exec sleep 60"], { timeoutMs: 200 }));
    expect(error.message).to.match(/was killed after 0.2 s: begun/);
    expect((await node.exec(["echo", "on"], { timeoutMs })).stdout).to.equal("on\n");
    expect(opened.length).to.equal(1);
  });

  it("tells of a signal that ended a program", async () => {
    const error = await errorOf(node.exec(["sh", "-c", "kill -KILL $$"], { timeoutMs, okExitCodes: "any" }));
    expect(error.message).to.include("ended by SIGKILL");
  });

  it("gives the reason of the caller who gave up, at once, and uses that program no more", async () => {
    const reason = new PlumblineError({ code: "PL_INTERRUPTED", kind: "usage", message: "stopped" });
    const early = new AbortController();
    const whileItStarts = node.exec(["sleep", "60"], { timeoutMs, signal: early.signal });
    early.abort(reason);
    expect((await errorOf(whileItStarts)).code).to.equal("PL_INTERRUPTED");
    const late = new AbortController();
    const whileItRuns = node.exec(["sleep", "60"], { timeoutMs, signal: late.signal });
    await new Promise(setImmediate);
    late.abort(reason);
    expect((await errorOf(whileItRuns)).code).to.equal("PL_INTERRUPTED");
    expect((await node.exec(["echo", "on"], { timeoutMs })).stdout).to.equal("on\n");
    expect(opened.length).to.equal(2);
  });

  it("has another one where the last ended with its node, and blames no program for that", async () => {
    await node.exec(["true"], { timeoutMs });
    const asked = errorOf(node.exec(["sleep", "60"], { timeoutMs }));
    await opened[0]?.kill();
    const error = await asked;
    expect(error).to.include({ code: "PL_NODE_EXEC", kind: "harness" });
    expect(error.message).to.match(/^cannot run sleep on node n1: .*has ended/);
    expect((await node.exec(["echo", "on"], { timeoutMs })).stdout).to.equal("on\n");
    expect(opened.length).to.equal(2);
  });

  it("lets nobody wait: more at once than it has programs for go the plain way, and so does what is no text", async () => {
    const many = Array.from({ length: 6 }, (_, i) => node.exec(["sh", "-c", `sleep 0.3; echo ${i}`], { timeoutMs }));
    expect((await Promise.all(many)).map(({ stdout }) => stdout.trim())).to.deep.equal(["0", "1", "2", "3", "4", "5"]);
    expect(opened.length).to.equal(4);
    expect(plainly.length).to.equal(2);
    const bytes = new Uint8Array([0xff, 0xfe]);
    expect((await node.exec(["wc", "-c"], { timeoutMs, stdin: bytes })).stdout.trim()).to.equal("2");
    expect(plainly.length).to.equal(3);
  });
});
