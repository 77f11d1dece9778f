import { expect } from "chai";
import type { NodeTransport } from "../nodes/transport.ts";
import { makeNeeds, requireNeeds } from "./subject-needs.ts";

const NEEDS = {
  name: "my-ipam",
  files: { "/etc/my/my.conf": "{}" },
  objects: [
    { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "pools.my" } },
  ],
};

/** Stands for a node and an API: what they have, and what was done to them. */
function played(has: readonly string[]) {
  const done: string[] = [];
  const node: NodeTransport = {
    node: "n1",
    async exec([program = "", ...args]) {
      if (program !== "test") done.push(program);
      const exitCode = program === "test" && !has.includes(args.at(-1) ?? "") ? 1 : 0;
      return { exitCode, stdout: "", stderr: "", durationMs: 1 };
    },
    open: async () => expect.fail("nothing here is spoken to"),
    writeFile: async (path) => void done.push(`write ${path}`),
  };
  const kube = {
    get: async ({ apiVersion, kind, name }: { apiVersion: string; kind: string; name: string }) =>
      has.includes(name) ? { apiVersion, kind, metadata: { name } } : undefined,
    apply: async (objects: readonly { metadata: { name: string } }[]) => {
      done.push(...objects.map(({ metadata }) => `apply ${metadata.name}`));
      return [];
    },
  };
  return { done, where: { kube: kube as never, nodes: [node], signal: new AbortController().signal } };
}

describe("what a plugin under test needs besides itself", () => {
  it("is made on a cluster of the harness's own", async () => {
    const { done, where } = played([]);
    await makeNeeds(NEEDS, where);
    expect(done).to.deep.equal(["apply pools.my", "sh", "write /etc/my/my.conf"]);
  });

  it("is left as it is in a cluster of the user's that has it", async () => {
    const { done, where } = played(["/etc/my/my.conf", "pools.my"]);
    await requireNeeds(NEEDS, where);
    expect(done).to.deep.equal([]);
  });

  it("is not made in a cluster of the user's that lacks it, and all of it is told", async () => {
    const { done, where } = played([]);
    const error = await requireNeeds(NEEDS, where).catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: "PL_PLUGIN_NEEDS", kind: "usage" });
    expect((error as Error).message).to.equal(
      "my-ipam needs what is not in the cluster: the CustomResourceDefinition pools.my, /etc/my/my.conf on node n1",
    );
    expect(done).to.deep.equal([]);
  });
});
