import { expect } from "chai";
import { silentProgress } from "../harness/core/ports.ts";
import { docker } from "../harness/docker/docker.ts";
import { inspectImage, pushImage, removeImage, tagImage } from "../harness/docker/docker-image.ts";
import { requireDocker } from "../harness/docker/require-docker.ts";
import { BuildSource } from "../harness/images/build-source.ts";
import { Durations } from "../harness/images/durations.ts";
import { ensureImages, type ImageSet } from "../harness/images/ensure-images.ts";
import { mirroredRef } from "../harness/images/image-ref.ts";
import type { LocalImage } from "../harness/images/image-source.ts";
import { baseRecipe } from "../harness/images/node-image.ts";
import { PullSource } from "../harness/images/pull-source.ts";
import { loadRecipes, recipeOf, type Recipes } from "../harness/images/recipe.ts";
import { readToolchain } from "../harness/images/toolchain.ts";
import { Workshop } from "../harness/images/workshop.ts";
import { freePort, startOwnRegistry, type OwnRegistry } from "./own-registry.ts";

const phase = silentProgress.phase("test");

/** Registry and mirror, against a registry of our own that is filled with images of our own under upstream's names. */
describe("images from a registry and from a mirror", () => {
  let recipes: Recipes;
  let built: ImageSet;
  let registry: OwnRegistry;
  let locals: LocalImage[];
  let arch: string;

  before(async () => {
    recipes = await loadRecipes();
    ({ arch } = await requireDocker());
    built = await ensureImages({ source: "build", progress: silentProgress });
    locals = await obtainAll(recipes);
    registry = await startOwnRegistry();
    for (const image of locals) {
      const remote = mirroredRef(image.ref, registry.address);
      await tagImage(image.localRef, remote);
      await pushImage(remote);
      await removeImage(remote);
      await removeImage(image.localRef);
    }
  });

  after(async () => {
    for (const image of locals ?? []) {
      const remote = mirroredRef(image.ref, registry.address);
      if (await inspectImage(remote)) await tagImage(remote, image.localRef);
      await removeImage(remote);
    }
    await registry?.stop();
  });

  it("a mirror gives the same images, and they still tell that they were built", async () => {
    const mirrored = await ensureImages({ source: "mirror", mirror: registry.address, progress: silentProgress });
    expect(mirrored.built).to.be.greaterThan(0);
    expect(mirrored.nodeImage.ref).to.not.equal(built.nodeImage.ref);
    expect(byName(mirrored)).to.deep.equal(byName(built));
    const kubernetes = mirrored.contents.find((subject) => subject.name === "kubernetes");
    expect(kubernetes).to.deep.equal(built.contents.find((subject) => subject.name === "kubernetes"));
    const again = await ensureImages({ source: "mirror", mirror: registry.address, progress: silentProgress });
    expect(again).to.deep.equal({ ...mirrored, built: 0 });
    await removeImage(mirrored.nodeImage.ref);
  });

  it("a registry named in the reference itself is pulled from", async () => {
    const ref = mirroredRef(refOf(recipes, "multus-thick"), registry.address);
    const source = new PullSource({ refs: [ref], arch });
    expect(await source.available()).to.deep.equal({ ok: true, reason: `${registry.address} answers 200` });
    const image = await source.obtain({ ...recipeOf("image", recipes.images, "multus-thick"), ref }, { phase });
    const before = locals.find((local) => local.name === "multus-thick");
    expect(image.id).to.equal(before?.id);
    expect(image.subject).to.deep.equal(before?.subject);
    expect(image.subject.origin).to.equal("built here");
  });

  it("an image that is not ours is told as upstream's own, with the digest that the registry knows", async () => {
    const ref = `${registry.address}/elsewhere/plain:v7`;
    await docker(["import", "-", ref], { stdin: Buffer.alloc(1024) });
    await pushImage(ref);
    await removeImage(ref);
    const recipe = { ...recipeOf("image", recipes.images, "flannel"), ref };
    const image = await new PullSource({ refs: [ref], arch }).obtain(recipe, { phase });
    await removeImage(ref);
    expect(image.subject).to.include({ name: "flannel", origin: "upstream", version: "v7", digest: image.id });
    expect(image.subject.source).to.match(/^127\.0\.0\.1:\d+\/elsewhere\/plain@sha256:[0-9a-f]{64}$/);
  });

  it("a registry that does not answer is not available, and a missing image is refused with its name", async () => {
    const nobody = `127.0.0.1:${await freePort()}`;
    const answer = await new PullSource({ refs: [`${nobody}/x:v1`], arch }).available();
    expect(answer).to.deep.equal({ ok: false, reason: `${nobody} cannot be reached (ECONNREFUSED)` });
    const missing = { ...recipeOf("image", recipes.images, "flannel"), ref: `${registry.address}/not/there:v1` };
    const error = await new PullSource({ refs: [], arch }).obtain(missing, { phase }).catch((e: unknown) => e);
    expect(String(error)).to.contain("/not/there:v1");
  });
});

/** The images in the node image, and its base, as this host's Docker has them. */
async function obtainAll(recipes: Recipes): Promise<LocalImage[]> {
  const workshop = new Workshop({ recipes, toolchain: await readToolchain(), durations: new Durations(), phase });
  const source = new BuildSource(workshop);
  const names = [...recipes.node.components.images, ...recipes.node.programs.images];
  const images = names.map((name) => source.obtain(recipeOf("image", recipes.images, name)));
  return Promise.all([source.obtain(baseRecipe(recipes)), ...images]);
}

function refOf(recipes: Recipes, name: string): string {
  return recipeOf("image", recipes.images, name).ref ?? "";
}

function byName(set: ImageSet): object {
  return Object.fromEntries(set.images.map(({ name, ref, id, subject }) => [name, { ref, id, subject }]));
}
