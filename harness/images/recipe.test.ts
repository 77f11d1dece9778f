import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { packageFile } from "../core/package-root.ts";
import { loadRecipes } from "./recipe.ts";

const FILES = ["modules.yaml", "roots.yaml", "images.yaml", "node.yaml"];

describe("loadRecipes", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "plumbline-recipes-"));
    await mkdir(folder, { recursive: true });
    for (const file of FILES)
      await writeFile(path.join(folder, file), await readFile(packageFile("fixtures", "images", file)));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const change = async (file: string, from: string, to: string): Promise<unknown> => {
    const text = await readFile(path.join(folder, file), "utf8");
    expect(text).to.contain(from);
    await writeFile(path.join(folder, file), text.replace(from, to));
    return loadRecipes(folder).catch((error: unknown) => error);
  };

  it("reads the project's own, in which every name leads somewhere", async () => {
    const recipes = await loadRecipes();
    expect(recipes.images.get("multus-thick")?.ref).to.equal("ghcr.io/k8snetworkplumbingwg/multus-cni:v4.3.0-thick");
    expect([...recipes.modules.keys()][0]).to.equal("kubernetes");
    expect(recipes.node.components.images).to.include.members(["multus-thick", "multus-thin", "flannel"]);
  });

  it("has what only some stacks need apart from the node image, which is not built anew for it", async () => {
    const { modules, images, node } = await loadRecipes();
    const ofStacks = [...modules.values()].filter(({ on }) => on === "stack").map(({ name }) => name);
    expect(ofStacks).to.deep.equal(["whereabouts", "kube-router"]);
    expect(images.get("whereabouts")?.ref).to.contain(modules.get("whereabouts")?.version);
    const files = [node.base.build, node.components, node.programs].flatMap((part) => part.files);
    expect(JSON.stringify([files, node.components.images, node.programs.images])).not.to.contain("whereabouts");
  });

  it("refuses an image that is made of a module which there is not", async () => {
    const error = await change("images.yaml", "binaries: flannel-cni-plugin", "binaries: flanel");
    expect(error).to.have.property("code", "PL_RECIPE");
    expect(String(error)).to.contain("flanel");
  });

  it("refuses a misspelt key, and says where", async () => {
    const error = await change("modules.yaml", "cgo: true", "cgoo: true");
    expect(String(error)).to.contain("modules.yaml").and.to.contain("cgoo");
  });
});
