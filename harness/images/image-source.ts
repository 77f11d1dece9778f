import type { Phase } from "../core/ports.ts";
import type { Subject } from "../core/subject.ts";
import type { ImageRecipe, NodeRecipe } from "./recipe.ts";

/** An image that is there: in this host's Docker, or preloaded in the node image. */
export interface ObtainedImage {
  /** As in fixtures/images/images.yaml, e.g. `multus-thick`. */
  readonly name: string;
  /** The reference under which a pod asks for it. */
  readonly ref: string;
  /** `sha256:...` */
  readonly id: string;
  readonly subject: Subject;
  /** What else is known to be inside. */
  readonly contents: readonly Subject[];
}

/** An obtained image, and the name under which this host's Docker has it. */
export interface LocalImage extends ObtainedImage {
  readonly localRef: string;
}

/** The base of the node image as an image recipe of its own. */
export type BaseRecipe = NodeRecipe["base"] & { readonly name: "node-base" };

export interface ObtainContext {
  readonly phase: Phase;
  readonly signal?: AbortSignal | undefined;
}

export type SourceKind = "registry" | "mirror" | "build";

/** A place where images come from. Nothing else in the harness knows which one it is. */
export interface ImageSource {
  readonly kind: SourceKind;
  /** Whether it can be used here and now, and why (not). Bounded to a few seconds. */
  available(): Promise<{ readonly ok: boolean; readonly reason: string }>;
  /** What makes the image the one it is, known before it is there: a reference, or the key of its recipe. */
  identity(recipe: ImageRecipe | BaseRecipe): Promise<string>;
  /** @throws PlumblineError PL_IMAGE, or one of the build's */
  obtain(recipe: ImageRecipe | BaseRecipe, context: ObtainContext): Promise<LocalImage>;
}

/** Label of an image that we built: its Subject as JSON, without the digest, which it cannot know of itself. */
export const SUBJECT_LABEL = "plumbline.subject";
/** Label of a node image: the Subjects in it, as JSON. */
export const CONTENTS_LABEL = "plumbline.contents";
/** Label of a node image: the images preloaded in it, as JSON of ObtainedImages. */
export const IMAGES_LABEL = "plumbline.images";
