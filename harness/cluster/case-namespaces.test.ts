import { expect } from "chai";
import { Deadline } from "../core/deadline.ts";
import type { KubeObject } from "../kube/client.ts";
import { removeLeftNamespaces } from "./case-namespaces.ts";

const namespace = (name: string, deletionTimestamp?: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
});

/** An API with these namespaces of runs, of which one goes when it is deleted. No real one has a run cut off in it. */
function apiWith(all: readonly KubeObject[]) {
  const deleted: string[] = [];
  const left = (): KubeObject[] => all.filter(({ metadata }) => !deleted.includes(metadata.name));
  const kube = {
    list: async () => left(),
    delete: async ({ name }: { name: string }) => void deleted.push(name),
    waitForList: async (_query: unknown, { done }: { done: (found: readonly KubeObject[]) => boolean }) => {
      expect(done(all), "while they are there").to.equal(false);
      expect(done(left()), "when they are gone").to.equal(true);
      return left();
    },
  };
  return { kube: kube as never, deleted };
}

describe("removeLeftNamespaces", () => {
  it("removes what a run has left that was cut off, and leaves alone what is on its way", async () => {
    const { kube, deleted } = apiWith([namespace("pl-cut-off"), namespace("pl-ended", "2026-01-01T00:00:00Z")]);
    expect(await removeLeftNamespaces(kube, Deadline.in(1_000))).to.deep.equal(["pl-cut-off"]);
    expect(deleted).to.deep.equal(["pl-cut-off"]);
  });

  it("asks once where nothing is left", async () => {
    const { kube, deleted } = apiWith([namespace("pl-ended", "2026-01-01T00:00:00Z")]);
    expect(await removeLeftNamespaces(kube, Deadline.in(1_000))).to.deep.equal([]);
    expect(deleted).to.deep.equal([]);
  });
});
