import { expect } from "chai";
import type { ExecRequest } from "../kube/exec.ts";
import type { Finished } from "../process/run.ts";
import { agentTransport } from "./agent-transport.ts";

const POD = { namespace: "plumbline-agent", pod: "a", container: "agent" };

/** A node whose agent is asked, and answers so. */
function node(answer: Partial<Finished> | Error) {
  const asked: ExecRequest[] = [];
  const kube = {
    exec: async (request: ExecRequest): Promise<Finished> => {
      asked.push(request);
      if (answer instanceof Error) throw answer;
      return { exitCode: 0, stdout: "", stderr: "", durationMs: 1, ...answer };
    },
    openExec: async () => Promise.reject(new Error("not asked")),
  };
  return { asked, transport: agentTransport("n1", kube, POD) };
}

describe("the way onto a node by its agent", () => {
  it("enters the mounts of the host's first process, with an environment of its own", async () => {
    const { asked, transport } = node({ stdout: "x" });
    expect(await transport.exec(["ls", "/"], { timeoutMs: 1_000 })).to.include({ stdout: "x" });
    expect(asked[0]).to.include(POD);
    expect(asked[0]?.argv.slice(0, 2)).to.deep.equal(["env", "-i"]);
    expect(asked[0]?.argv.join(" ")).to.match(/ nsenter --target 1 --mount -- ls \/$/);
  });

  it("ends an input by its length in bytes", async () => {
    const { asked, transport } = node({});
    await transport.exec(["cat"], { timeoutMs: 1_000, stdin: "ü\n" });
    expect(asked[0]).to.include({ stdin: "ü\n", keepStdinOpen: true });
    expect(asked[0]?.argv.slice(-3)).to.deep.equal(["sh", "3", "cat"]);
  });

  it("takes an exit code for a failure unless it is an answer", async () => {
    const { transport } = node({ exitCode: 1, stderr: "no such link" });
    const error: unknown = await transport.exec(["ip"], { timeoutMs: 1_000 }).catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: "PL_NODE_EXEC", kind: "harness" });
    expect((error as Error).message).to.contain("no such link");
    expect(await transport.exec(["ip"], { timeoutMs: 1_000, okExitCodes: [0, 1] })).to.include({ exitCode: 1 });
  });

  it("tells of an agent that cannot be asked as a fault of the harness", async () => {
    const { transport } = node(new Error("the stream closed"));
    const error: unknown = await transport.exec(["ip"], { timeoutMs: 1_000 }).catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: "PL_NODE_EXEC", kind: "harness" });
    expect(error).to.have.property("hint", "look at the agent: kubectl -n plumbline-agent describe pod a");
  });
});
