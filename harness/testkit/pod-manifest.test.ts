import { expect } from "chai";
import { podManifest } from "./pod-manifest.ts";

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly resources: { readonly limits?: Readonly<Record<string, string>> };
}

const place = { runId: "r", namespace: "ns", name: "p", node: "n1", image: "test:1", annotations: {} };

function containersOf(more: Partial<Parameters<typeof podManifest>[0]>): readonly Container[] {
  const { spec } = podManifest({ ...place, ...more });
  return (spec as { containers: readonly Container[] }).containers;
}

describe("the manifest of a test pod", () => {
  it("has one container that asks for the devices", () => {
    const [only, ...others] = containersOf({ resources: { "plumbline.dev/simvf_a": 2 } });
    expect(others).to.deep.equal([]);
    expect(only?.resources.limits).to.deep.equal({ "plumbline.dev/simvf_a": "2" });
  });

  it("has further ones of the same image, which ask for what they say themselves", () => {
    const [, other] = containersOf({
      resources: { "plumbline.dev/simvf_a": 1 },
      furtherContainers: [{ name: "other", command: ["sleep", "1"] }],
    });
    expect(other).to.include({ name: "other", image: "test:1" });
    expect(other?.resources.limits ?? {}).not.to.have.property("plumbline.dev/simvf_a");
  });
});
