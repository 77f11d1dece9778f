import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { PlumblineError } from "../core/errors.ts";
import { readCheckout } from "./checkout.ts";
import { buildKey } from "./go-build.ts";
import { wrapperGoMod } from "./go-wrapper.ts";
import { multusRecipes } from "./multus-recipes.ts";
import { loadRecipes, recipeOf } from "./recipe.ts";

const MODULE = "gopkg.in/k8snetworkplumbingwg/multus-cni.v4";
const PROGRAMS = ["multus", "multus-daemon", "multus-shim", "install_multus", "thin_entrypoint"];

describe("another Multus", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "plumbline-multus-"));
    // as v4.1.4: it has no passthru plugin yet
    for (const program of PROGRAMS) mkdirSync(path.join(folder, "cmd", program), { recursive: true });
    mkdirSync(path.join(folder, "deployments"));
    writeFileSync(path.join(folder, "go.mod"), `module ${MODULE}\n\ngo 1.21\n`);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is built as the pinned one, with its own version, and without the programs that it has not yet", async () => {
    const pinned = await loadRecipes();
    const other = { module: MODULE, version: "v4.1.4", told: "v4.1.4", ref: "example.com/multus:v4.1.4-thick" };
    const recipes = multusRecipes(pinned, other, folder);
    const module = recipeOf("module", recipes.modules, "multus");
    expect(module.ldflags.join(" ")).to.contain("multus.version=v4.1.4").and.not.contain("v4.3.0");
    expect(Object.keys(module.builds[0]?.packages ?? {})).to.have.members(PROGRAMS);
    const thick = recipeOf("image", recipes.images, "multus-thick");
    expect(thick.ref).to.equal(other.ref);
    expect(JSON.stringify(thick.build.files)).to.contain("install_multus").and.not.contain("passthru");
    expect(recipeOf("image", recipes.images, "flannel")).to.equal(recipeOf("image", pinned.images, "flannel"));
  });

  it("of a fork has the packages of the fork", async () => {
    const other = { module: "example.com/fork", version: "v1.0.0", told: "v1.0.0", ref: undefined };
    const recipes = multusRecipes(await loadRecipes(), other, folder);
    const module = recipeOf("module", recipes.modules, "multus");
    expect(module.builds[0]?.packages?.["multus"]).to.equal("example.com/fork/cmd/multus");
    expect(recipeOf("image", recipes.images, "multus-thin").ref).to.equal(undefined);
  });

  it("of a checkout takes its place, and an edit makes another of it", async () => {
    const before = await readCheckout(folder, undefined);
    expect(before.module).to.equal(MODULE);
    const version = `v4.0.0-local.${before.digest.slice(0, 12)}`;
    const other = { module: MODULE, version, told: "local", folder: before.folder, ref: undefined };
    const module = recipeOf("module", multusRecipes(await loadRecipes(), other, folder).modules, "multus");
    expect(wrapperGoMod(module, "go 1.21\n")).to.contain(`replace ${MODULE} => ${folder}\n`);
    const [build] = module.builds;
    if (!build) throw new Error("no build");
    const toolchain = { go: "go1.24.0", arch: "amd64" };
    writeFileSync(path.join(folder, "cmd", "multus", "main.go"), "package main\n");
    const after = await readCheckout(folder, undefined);
    expect(after.digest).to.not.equal(before.digest);
    expect(buildKey({ ...module, version: "v4.0.0-local.1" }, build, toolchain)).to.not.equal(
      buildKey(module, build, toolchain),
    );
  });

  it("is not what is no checkout", async () => {
    rmSync(path.join(folder, "deployments"), { recursive: true });
    const refused = await readCheckout(folder, undefined).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(PlumblineError).with.property("code", "PL_MULTUS_SOURCE");
    expect(String(refused)).to.contain("it has no folder deployments");
  });
});
