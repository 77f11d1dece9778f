import { expect } from "chai";
import type { PluginInvocation } from "../nodes/invoker.ts";
import { HeldAttachments } from "./held-attachments.ts";

const call = (CNI_COMMAND: string, CNI_CONTAINERID: string | null, stdin: unknown = { type: "bridge" }) => ({
  binary: "bridge",
  env: { CNI_COMMAND, CNI_CONTAINERID, CNI_IFNAME: "net1" },
  stdin,
});

/** What was asked of the plugin when all was released. */
async function released(
  ...calls: readonly (readonly [PluginInvocation, number, string?])[]
): Promise<readonly PluginInvocation[]> {
  const held = new HeldAttachments();
  for (const [invocation, exitCode, stdout = ""] of calls) held.note(invocation, { exitCode, stdout });
  const asked: PluginInvocation[] = [];
  const invoker = {
    call: async (invocation: PluginInvocation) => {
      asked.push(invocation);
      return { exitCode: 1, stdout: "", stderr: "", durationMs: 1 };
    },
  };
  await held.release(invoker);
  await held.release(invoker);
  return asked;
}

describe("what bare containers hold", () => {
  it("is taken down with the result of its ADD, the last first, and once", async () => {
    const asked = await released([call("ADD", "a"), 0, '{"ips":[]}'], [call("ADD", "b"), 1, '{"code":7}']);
    expect(asked).to.deep.equal([call("DEL", "b"), call("DEL", "a", { type: "bridge", prevResult: { ips: [] } })]);
  });

  it("is what no DEL has answered for", async () => {
    expect(await released([call("ADD", "a"), 0, "{}"], [call("DEL", "a"), 0])).to.deep.equal([]);
    expect(await released([call("ADD", "a"), 0, "{}"], [call("DEL", "a"), 1])).to.have.length(1);
    expect(await released([call("ADD", "a"), 0, "{}"], [call("DEL", "b"), 0])).to.have.length(1);
    expect(await released([call("CHECK", "a"), 0])).to.deep.equal([]);
  });

  it("is nothing of a call that names no container, or gives no configuration", async () => {
    expect(await released([call("ADD", null), 0, "{}"], [call("ADD", "a", "no json"), 0, "{}"])).to.deep.equal([]);
  });
});
