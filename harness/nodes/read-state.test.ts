import { expect } from "chai";
import { PlumblineError } from "../core/errors.ts";
import { aliveState } from "./pod-fixture.test-support.ts";
import { readNodeState } from "./read-state.ts";
import type { NodeTransport } from "./transport.ts";

const whole = { ...aliveState(), end: undefined };

/** A node whose agent gives these answers one after the other. */
function nodeWith(...answers: readonly string[]): NodeTransport & { readonly calls: (readonly string[])[] } {
  const calls: (readonly string[])[] = [];
  return {
    node: "node-1",
    calls,
    exec: async (argv) => {
      calls.push(argv);
      return { exitCode: 0, stdout: answers[calls.length - 1] ?? "", stderr: "", durationMs: 1 };
    },
    open: async () => expect.fail("nothing here is spoken to"),
    writeFile: async () => {},
  };
}

const documentWith = (errors: readonly unknown[]): string =>
  `${JSON.stringify({ ...whole, errors, end: "plumbline-node-state-end" })}\n`;
const gap = { part: "nft", message: "busy" };

async function codeOf(action: Promise<unknown>): Promise<string> {
  try {
    await action;
    return "none";
  } catch (error) {
    return error instanceof PlumblineError ? error.code : String(error);
  }
}

describe("readNodeState", () => {
  const options = { timeoutMs: 1_000 };

  it("asks the agent once for a whole state", async () => {
    const node = nodeWith(documentWith([]));
    const state = await readNodeState(node, { ...options, parts: ["links", "files"] });
    expect(state.node).to.equal("node-1");
    expect(node.calls).to.deep.equal([["/opt/plumbline/bin/agent", "state", "--parts", "links,files"]]);
  });

  it("asks for the inside of some namespaces, or of none", async () => {
    const node = nodeWith(...Array.from({ length: 3 }, () => documentWith([])));
    await readNodeState(node, { ...options, inside: "none" });
    await readNodeState(node, { ...options, inside: { podUids: ["u1", "u2"] } });
    await readNodeState(node, { ...options, inside: { podUids: [] } });
    expect(node.calls.map((argv) => argv.slice(2))).to.deep.equal([
      ["--inside", "none"],
      ["--inside", "u1,u2"],
      ["--inside", "none"],
    ]);
  });

  it("asks again after a gap, and refuses a state that stays incomplete", async () => {
    const passing = nodeWith(documentWith([gap]), documentWith([]));
    expect((await readNodeState(passing, options)).errors).to.deep.equal([]);
    const lasting = nodeWith(...Array.from({ length: 3 }, () => documentWith([gap])));
    expect(await codeOf(readNodeState(lasting, options))).to.equal("PL_NODE_STATE_INCOMPLETE");
    expect(
      (await readNodeState(nodeWith(documentWith([gap])), { ...options, allowIncomplete: true })).errors,
    ).to.have.length(1);
  });

  it("notices a cut answer and one of another shape", async () => {
    const text = documentWith([]);
    expect(await codeOf(readNodeState(nodeWith(text.slice(0, -40)), options))).to.equal("PL_NODE_STATE");
    expect(await codeOf(readNodeState(nodeWith(""), options))).to.equal("PL_NODE_STATE");
    const other = text.replace('"version":1', '"version":2');
    expect(await codeOf(readNodeState(nodeWith(other), options))).to.equal("PL_NODE_STATE");
  });

  it("leaves out the empty objects that ip prints", async () => {
    const text = documentWith([]).replace('"routes":[]', '"routes":[{},{"dst":"default"}]');
    expect((await readNodeState(nodeWith(text), options)).routes).to.deep.equal([{ dst: "default" }]);
  });
});
