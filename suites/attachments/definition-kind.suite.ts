import { expect } from "chai";
import { customNetwork, pod, scriptedNetwork, suite, testCase } from "../../harness/testkit/index.ts";

const KIND = "network-attachment-definitions.k8s.cni.cncf.io";

interface Definition {
  readonly group: string;
  readonly scope: string;
  readonly names: { readonly kind: string; readonly shortNames?: readonly string[] };
  readonly versions: readonly {
    readonly name: string;
    readonly served: boolean;
    readonly schema?: { readonly openAPIV3Schema?: unknown };
  }[];
}

const offered = scriptedNetwork("nad-offered", undefined, { byCase: true });
const missing = pod("nad-missing-plugins", [customNetwork("nad-missing-plugins", () => ({ cniVersion: "0.3.1" }))], {
  refused: true,
});
const empty = pod(
  "nad-empty-plugins",
  [customNetwork("nad-empty-plugins", () => ({ cniVersion: "0.3.1", plugins: [] }))],
  { refused: true },
);

suite("the kind of NetworkAttachmentDefinitions", () => {
  testCase(
    {
      id: "NAD-001",
      revision: 1,
      title: "the API has the kind as the specification lays it down, with a configuration that is text",
      layer: "L1",
      clauses: ["NPWG-3.1-definition-of-the-kind"],
      faults: ["a-definition-may-hold-an-object"],
      pods: {},
      networks: { offered },
    },
    async ({ networks, kube, claim }) => {
      const kind = await kube.get({
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        name: KIND,
      });
      const { group, scope, names, versions } = (kind?.spec ?? {}) as unknown as Definition;
      await claim("as-laid-down", () => {
        expect(
          { group, scope, kind: names.kind, served: versions.filter(({ served }) => served).map(({ name }) => name) },
          KIND,
        ).to.deep.equal({
          group: "k8s.cni.cncf.io",
          scope: "Namespaced",
          kind: "NetworkAttachmentDefinition",
          served: ["v1"],
        });
      });
      await claim("short-name", () => {
        expect(names.shortNames, `short names of ${KIND}`).to.include("net-attach-def");
      });
      const answer = await networks.offered.offer({ config: {} });
      try {
        await claim("configuration-is-text", () => {
          expect(answer, "what the API answers to a configuration that is an object").to.deep.include({
            accepted: false,
          });
        });
      } finally {
        await networks.offered.remove();
      }
    },
  );

  testCase(
    {
      id: "NAD-011",
      revision: 1,
      title: "a configuration without plugins fails the pod, and nothing crashes",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-no-plugins"],
      faults: ["a-definition-without-plugins-is-passed-over", "an-empty-list-of-plugins-is-told"],
      pods: { missing, empty },
    },
    async ({ pods, claim }) => {
      await claim("missing-is-told", () => {
        expect(pods.missing.outcome().messages.join("\n"), `events of ${pods.missing}`).to.contain(
          "delegate must have the 'type' or 'plugin' field",
        );
      });
      await claim("empty-is-refused", () => {
        expect(pods.empty.outcome().refused, `whether ${pods.empty} was refused`).to.equal(true);
      });
      await claim("nothing-crashes", () => {
        const { messages } = pods.empty.outcome();
        const crashes = messages.flatMap((text) => /EOF|index out of range|panic/.exec(text)?.[0] ?? []);
        expect([...new Set(crashes)], `what tells of a crash in the events of ${pods.empty}`).to.deep.equal([]);
      });
    },
  );
});
