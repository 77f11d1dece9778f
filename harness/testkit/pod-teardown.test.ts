import { expect } from "chai";
import { harnessError } from "../core/errors.ts";
import type { KubeRef } from "../kube/client.ts";
import { pod } from "./declare-pod.ts";
import type { LaneContext } from "./lane-context.ts";
import { PodTeardown } from "./pod-teardown.ts";
import { TestPod, type PodDriver } from "./test-pod.ts";

/** An API server that deletes what it is told to, but for the pods of these names. A real one cannot be made to refuse. */
function laneOf({ refusing = [] }: { readonly refusing?: readonly string[] } = {}) {
  const deleted: string[] = [];
  const kube = {
    delete: async ({ name }: KubeRef) => {
      if (refusing.includes(name)) throw harnessError("PL_KUBE", `${name} cannot be deleted`);
      deleted.push(name);
    },
    waitFor: async () => undefined,
  };
  return { lane: { kube, teardownMs: 1_000 } as unknown as LaneContext, deleted };
}

function podNamed(name: string, uid: string | undefined = name): TestPod {
  const declaration = pod(name, []);
  const made = { declaration, namespace: "own", name, node: "n1", attachments: [], madeBy: ["TD-901"] };
  const testPod = new TestPod({ ...made, driver: {} as PodDriver });
  testPod.uid = uid;
  return testPod;
}

describe("PodTeardown", () => {
  it("deletes a pod once, however often it is released", async () => {
    const [first, second] = [podNamed("first"), podNamed("second")];
    const { lane, deleted } = laneOf();
    const teardown = new PodTeardown(lane, () => [first, second]);
    teardown.release(first);
    teardown.release(first);
    await teardown.deleteAll();
    expect(deleted.toSorted()).to.deep.equal(["first", "second"]);
    expect(first.deleted).to.equal("normal");
  });

  it("leaves alone what its case has deleted, and what was never made", async () => {
    const [gone, unmade] = [podNamed("gone"), podNamed("unmade")];
    unmade.uid = undefined;
    const { lane, deleted } = laneOf();
    const teardown = new PodTeardown(lane, () => [gone, unmade]);
    await teardown.delete(gone, { how: "forced" });
    for (const testPod of [gone, unmade]) teardown.release(testPod);
    await teardown.deleteAll();
    expect(deleted).to.deep.equal(["gone"]);
    expect(gone.deleted).to.equal("forced");
  });

  it("waits for those that are released, and leaves what goes wrong with them to the end", async () => {
    const pods = [podNamed("first"), podNamed("stuck")];
    const { lane, deleted } = laneOf({ refusing: ["stuck"] });
    const teardown = new PodTeardown(lane, () => pods);
    for (const testPod of pods) teardown.release(testPod);
    await teardown.releasedGone();
    expect(deleted).to.deep.equal(["first"]);
  });

  it("tells at the end what went wrong with a pod that was released", async () => {
    const stuck = podNamed("stuck");
    const teardown = new PodTeardown(laneOf({ refusing: ["stuck"] }).lane, () => [stuck]);
    teardown.release(stuck);
    const error = await teardown.deleteAll().then(
      () => "nothing",
      (reason: unknown) => String(reason),
    );
    expect(error).to.contain("stuck cannot be deleted");
  });
});
