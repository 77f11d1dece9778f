import { loadNetworkTemplate } from "../config/network-templates.ts";
import { RESOURCE_NAME, type LiveNetwork } from "./declare-network.ts";

/** The annotations of a network's definition: what it declares goes before what its template says. */
export function definitionAnnotations({ declaration }: LiveNetwork): Readonly<Record<string, string>> {
  const { type, annotations } = declaration;
  const resource = type === undefined ? undefined : loadNetworkTemplate(type).resource;
  return resource === undefined ? annotations : { [RESOURCE_NAME]: resource, ...annotations };
}
