import { readFileSync } from "node:fs";
import { expect } from "chai";
import { packageFile } from "../core/package-root.ts";
import { agentManifest } from "./guest-agent.ts";

interface PodSpec {
  readonly hostPID: boolean;
  readonly hostNetwork: boolean;
  readonly automountServiceAccountToken: boolean;
  readonly volumes?: unknown;
  readonly containers: readonly {
    readonly image: string;
    readonly securityContext: {
      readonly privileged?: boolean;
      readonly capabilities: { readonly drop: readonly string[]; readonly add: readonly string[] };
    };
  }[];
}

describe("the agent on a cluster of the user's", () => {
  const { spec } = agentManifest({ image: "agent:1", runId: "r" }) as unknown as {
    spec: { template: { spec: PodSpec } };
  };
  const pod = spec.template.spec;

  it("may do what README says, and no more", () => {
    const readme = readFileSync(packageFile("README.md"), "utf8");
    const [told = ""] = /^\*\*The agent\*\*.*$/m.exec(readme) ?? [];
    const capabilities = [...new Set(told.match(/\b[A-Z]{2,}(?:_[A-Z]+)?\b/g))];
    const [container] = pod.containers;
    expect(container?.securityContext.capabilities.drop).to.deep.equal(["ALL"]);
    expect(container?.securityContext.capabilities.add).to.have.members(capabilities);
    expect(container?.securityContext.privileged).to.not.equal(true);
  });

  it("mounts nothing, and has no account of the API", () => {
    expect(pod.volumes).to.equal(undefined);
    expect(pod.automountServiceAccountToken).to.equal(false);
    expect([pod.hostPID, pod.hostNetwork]).to.deep.equal([true, true]);
  });
});
