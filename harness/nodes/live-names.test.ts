import { expect } from "chai";
import { bearsName, namesOfClusterPods } from "./live-names.ts";
import { aliveState, SANDBOX } from "./pod-fixture.test-support.ts";
import type { NodeState } from "./state.ts";

/** The node of the fixture, its pod in another namespace. */
function inNamespace(namespace: string): NodeState {
  const state = aliveState();
  return { ...state, sandboxes: state.sandboxes.map((sandbox) => ({ ...sandbox, namespace })) };
}

const item = (key: string, namespace = "") => ({ key, namespace });

describe("namesOfClusterPods", () => {
  const names = namesOfClusterPods(inNamespace("kube-system"));

  it("names a pod of the cluster by link, lease, cache, network namespace and sandbox", () => {
    const own = [
      item("vethaa"),
      item("br1 vethab"),
      item("4 10.244.1.5 dev vethaa table main"),
      item("cni-a/eth0", "cni-a"),
      item("/var/lib/cni/networks/net-a/10.1.1.2"),
      item(`/var/lib/cni/multus/results/net-a-${SANDBOX}-net1`),
      item(SANDBOX),
    ];
    expect(own.filter((one) => !bearsName(one, names))).to.deep.equal([]);
  });

  it("leaves what is another's, also where a name begins alike", () => {
    const others = [
      item("vethaab"),
      item("br1"),
      item("/var/lib/cni/networks/net-a/10.1.1.20"),
      item("cni-b", "cni-b"),
    ];
    expect(others.filter((one) => bearsName(one, names))).to.deep.equal([]);
  });

  it("leaves pods of users and of the harness", () => {
    expect([...namesOfClusterPods(inNamespace("pl-1a2b-pods"))]).to.deep.equal([]);
  });
});
