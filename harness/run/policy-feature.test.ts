import { expect } from "chai";
import type { NodeTransport } from "../nodes/transport.ts";
import { policyFeature } from "./policy-feature.ts";

interface Answer {
  readonly exitCode: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** @param answer to the probe of the network @param kubeRouter to that of kube-router, which is not there by default */
function node(name: string, answer: Answer, kubeRouter: Answer = { exitCode: 1 }): NodeTransport {
  const exec = ([, , script = ""]: readonly string[]) => {
    const said = script.includes("KUBE-ROUTER") ? kubeRouter : answer;
    return Promise.resolve({ stdout: "", stderr: "", durationMs: 1, ...said });
  };
  return { node: name, exec } as unknown as NodeTransport;
}

describe("the feature network-policy", () => {
  it("is there where every node shows that it is enforced, with what was seen", async () => {
    const rule = "-A FORWARD -j cali-FORWARD\n";
    const nodes = [node("a", { exitCode: 0, stdout: rule }), node("b", { exitCode: 0, stdout: rule })];
    const { present, evidence } = await policyFeature("calico", nodes);
    expect(present).to.equal(true);
    expect(evidence).to.match(/Felix .*: -A FORWARD -j cali-FORWARD$/);
  });

  it("is not there where one node cannot, and says which and why", async () => {
    const nodes = [node("a", { exitCode: 0 }), node("b", { exitCode: 1, stderr: "no such statement\nqueue" })];
    const { present, evidence } = await policyFeature("kindnet", nodes);
    expect(present).to.equal(false);
    expect(evidence).to.match(/cannot enforce it on b: no such statement$/);
  });

  it("is not there on networks that are not known for it", async () => {
    const { present, evidence } = await policyFeature("ptp", [node("a", { exitCode: 0 })]);
    expect([present, evidence]).to.deep.equal([false, "nothing of ptp enforces NetworkPolicy, nor kube-router"]);
  });

  it("is there where something beside the network enforces it on every node", async () => {
    const rule = { exitCode: 0, stdout: "-A FORWARD -j KUBE-ROUTER-FORWARD\n" };
    const all = [node("a", { exitCode: 1 }, rule), node("b", { exitCode: 1 }, rule)];
    expect(await policyFeature("ptp", all)).to.deep.equal({
      name: "network-policy",
      present: true,
      evidence: "kube-router enforces it: -A FORWARD -j KUBE-ROUTER-FORWARD",
    });
    expect(await policyFeature("kindnet", all)).to.include({ present: true });
    const one = [...all.slice(1), node("c", { exitCode: 1 })];
    expect(await policyFeature("flannel", one)).to.include({ present: false });
  });
});
