import { expect } from "chai";
import { buildKey } from "./go-build.ts";
import { builtImageKey, filesKey, tagOf } from "./image-key.ts";
import { loadRecipes, recipeOf, type GoModuleRecipe, type Recipes } from "./recipe.ts";

const toolchain = { go: "go1.26.8", arch: "amd64" };

function buildOf(recipe: GoModuleRecipe): GoModuleRecipe["builds"][number] {
  const [build] = recipe.builds;
  if (!build) throw new Error("a module without builds");
  return build;
}

describe("keys of what is built", () => {
  let recipes: Recipes;
  let multus: GoModuleRecipe;
  before(async () => {
    recipes = await loadRecipes();
    multus = recipeOf("module", recipes.modules, "multus");
  });

  it("change with version, flags, patches, toolchain and C or not, and with nothing else", () => {
    const key = (recipe: GoModuleRecipe, tools = toolchain): string => buildKey(recipe, buildOf(recipe), tools);
    const keys = [
      key(multus),
      key({ ...multus, version: "v4.2.3" }),
      key({ ...multus, ldflags: [] }),
      key({ ...multus, raise: { "example.invalid/x": "v1" } }),
      key({ ...multus, cgo: true }),
      key(multus, { ...toolchain, go: "go1.25.0" }),
      key(multus, { ...toolchain, arch: "arm64" }),
    ];
    expect(new Set(keys)).to.have.lengthOf(keys.length);
    expect(key({ ...multus, name: "another-name", on: "host" })).to.equal(key(multus));
  });

  it("an image's follows that of every part it is made of", async () => {
    const { build } = recipeOf("image", recipes.images, "multus-thick");
    const key = await builtImageKey(build, { recipes, toolchain });
    const newer = new Map(recipes.modules).set("multus", { ...multus, version: "v4.9.9" });
    expect(await builtImageKey(build, { recipes: { ...recipes, modules: newer }, toolchain })).to.not.equal(key);
    expect(await builtImageKey({ ...build, root: "test" }, { recipes, toolchain })).to.not.equal(key);
    expect(await builtImageKey(build, { recipes, toolchain })).to.equal(key);
  });

  it("only the wanted builds of a module count", async () => {
    const files = [{ binaries: "kubernetes", only: ["pause"], to: "/" }];
    const kubernetes = recipeOf("module", recipes.modules, "kubernetes");
    const kubelet = {
      ...kubernetes,
      builds: kubernetes.builds.map((b) => (b.name === "kubelet" ? { ...b, flags: ["-x"] } : b)),
    };
    const changed = { ...recipes, modules: new Map(recipes.modules).set("kubernetes", kubelet) };
    expect(await filesKey(files, { recipes: changed, toolchain })).to.equal(
      await filesKey(files, { recipes, toolchain }),
    );
  });

  it("make a short tag", () => {
    expect(tagOf("test", "0123456789abcdef")).to.equal("plumbline/test:0123456789ab");
  });
});
