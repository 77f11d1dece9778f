/** A reference split in front of its first slash, where that names a registry. */
export interface ImageRef {
  readonly registry: string;
  /** Repository and tag or digest. */
  readonly rest: string;
}

const DEFAULT_REGISTRY = "docker.io";

/** @source the rules of Docker's reference grammar: the first part is a registry if it has a dot or a colon, or is localhost */
export function parseImageRef(ref: string): ImageRef {
  const slash = ref.indexOf("/");
  const first = slash < 0 ? "" : ref.slice(0, slash);
  if (first.includes(".") || first.includes(":") || first === "localhost") {
    return { registry: first, rest: ref.slice(slash + 1) };
  }
  return { registry: DEFAULT_REGISTRY, rest: slash < 0 ? `library/${ref}` : ref };
}

/** A reference in full, as containerd knows it: with the registry where Docker lets one leave it out. */
export function fullReference(ref: string): string {
  const { registry, rest } = parseImageRef(ref);
  return `${registry}/${rest}`;
}

/** The same image in a mirror: its prefix takes the place of the registry. */
export function mirroredRef(ref: string, mirror: string): string {
  return `${mirror.replace(/\/+$/, "")}/${parseImageRef(ref).rest}`;
}

/** The registries of references, each once. */
export function registriesOf(refs: readonly string[]): string[] {
  return [...new Set(refs.map((ref) => parseImageRef(ref).registry))];
}
