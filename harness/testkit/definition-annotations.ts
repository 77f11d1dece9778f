import { RESOURCE_NAME, type LiveNetwork } from "./declare-network.ts";
import { poolOf } from "./vf-declarations.ts";
import { resourceOn } from "./vf-site.ts";

/** The annotations of a network's definition, with the pool by the name that it has on this testbed. */
export function definitionAnnotations({ declaration, vfSite }: LiveNetwork): Readonly<Record<string, string>> {
  const pool = poolOf(declaration);
  return pool === undefined
    ? declaration.annotations
    : { ...declaration.annotations, [RESOURCE_NAME]: resourceOn(vfSite, pool) };
}
