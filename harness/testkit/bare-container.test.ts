import { expect } from "chai";
import type { PluginInvocation } from "../nodes/invoker.ts";
import { BareContainer, inShort } from "./bare-container.ts";
import type { CaseNode } from "./case-node.ts";
import { HeldAttachments } from "./held-attachments.ts";

const answer = (exitCode: number, stdout: string, json?: Readonly<Record<string, unknown>>) => ({
  exitCode,
  json,
  stdout,
  stderr: "",
});

describe("a call of a plugin", () => {
  const argsOf = async (subject: string | undefined, config: Readonly<Record<string, unknown>>): Promise<unknown> => {
    const seen: PluginInvocation[] = [];
    const invoker = {
      namespace: async () => ({ path: "/n" }),
      call: async (invocation: PluginInvocation) => {
        seen.push(invocation);
        return { exitCode: 0, stdout: "", stderr: "" };
      },
    };
    const node = { subject, held: new HeldAttachments(), invoker: async () => invoker } as unknown as CaseNode;
    const container = await BareContainer.open([node], "cni-000");
    await container.call("ADD", config);
    await container.call("ADD", config, { env: { CNI_ARGS: null } });
    return seen.map(({ env }) => env["CNI_ARGS"]);
  };

  it("tells the one under test a pod, as Kubernetes does, unless a case says otherwise", async () => {
    const told = "IgnoreUnknown=1;K8S_POD_NAMESPACE=plumbline;K8S_POD_NAME=cni-000";
    expect(await argsOf("mine", { type: "mine" })).to.deep.equal([told, null]);
    expect(await argsOf("mine", { type: "bridge", ipam: { type: "mine" } })).to.deep.equal([told, null]);
    expect(await argsOf("mine", { type: "bridge" })).to.deep.equal([undefined, null]);
    expect(await argsOf(undefined, { type: "mine" })).to.deep.equal([undefined, null]);
  });
});

describe("an answer of a plugin in short", () => {
  it("tells the exit code, and the error or how the output begins", () => {
    expect(inShort(answer(0, ""))).to.equal("exit 0");
    expect(inShort(answer(0, '{"ips":[]}\n', { ips: [] }))).to.equal('exit 0 {"ips":[]}');
    expect(inShort(answer(1, "", { code: 7, msg: "no name" }))).to.equal("exit 1: 7, no name");
    expect(inShort(answer(1, "", { code: 4, msg: "bad", details: "CNI_NETNS" }))).to.equal("exit 1: 4, bad, CNI_NETNS");
    expect(inShort(answer(2, "panic"))).to.equal("exit 2: panic");
  });
});
