import { expect } from "chai";
import { KUBE_ROUTER } from "./kube-router.ts";
import { patchedModule } from "./module-manifest.test-support.ts";

const REF = "docker.io/cloudnativelabs/kube-router:v0";

interface PodSpec {
  readonly containers: readonly { readonly image: string; readonly args: readonly string[] }[];
  readonly initContainers?: unknown;
}

describe("kube-router's manifest with our patch", () => {
  it("runs its firewall alone, and writes no network configuration", async () => {
    const patched = await patchedModule(KUBE_ROUTER, { patches: ["kube-router"], ref: REF });
    const argsOf = (ipFamily: "ipv4" | "dual") => {
      const daemonSet = patched(ipFamily).objects.find(({ kind }) => kind === "DaemonSet") as unknown as {
        spec: { template: { spec: PodSpec } };
      };
      const { containers, initContainers } = daemonSet.spec.template.spec;
      expect([containers.map((one) => one.image), initContainers]).to.deep.equal([[REF], undefined]);
      return containers[0]?.args;
    };
    const alone = ["--run-router=false", "--run-firewall=true", "--run-service-proxy=false"];
    expect(argsOf("ipv4")).to.deep.equal(alone);
    expect(argsOf("dual")).to.deep.equal([...alone, "--enable-ipv6=true"]);
  });
});
