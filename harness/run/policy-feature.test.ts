import { expect } from "chai";
import type { NodeTransport } from "../nodes/transport.ts";
import { policyFeature } from "./policy-feature.ts";

function node(name: string, answer: { exitCode: number; stdout?: string; stderr?: string }): NodeTransport {
  const exec = () => Promise.resolve({ stdout: "", stderr: "", durationMs: 1, ...answer });
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
    expect(await policyFeature("ptp", [node("a", { exitCode: 0 })])).to.include({ present: false });
  });
});
