import type { NetworkTemplate } from "../config/network-templates.ts";
import type { SubjectPlugin } from "../config/plugin-under-test.ts";
import type { NetworkDeclaration } from "./declare-network.ts";

/** Whether the network of the plugin under test takes the place of this one. */
export function takesPlaceOf(subject: SubjectPlugin, network: NetworkDeclaration): boolean {
  const { forSubject } = network;
  if (!forSubject) return false;
  // whoever asks for `static` wants the address that it gives; an IPAM plugin has its own ways
  if (subject.role === "ipam" && network.ipam !== "host-local") return false;
  return forSubject.capability === undefined || declares(subject.template, forSubject.capability);
}

function declares({ plugins }: NetworkTemplate, capability: string): boolean {
  return plugins.some((plugin) => {
    const { capabilities } = plugin as { readonly capabilities?: Readonly<Record<string, unknown>> };
    return capabilities?.[capability] === true;
  });
}

/** Name of the variant of the template's `ipam` that stands for the one that a case asks for. */
export function ipamVariant({ role, template }: SubjectPlugin, wanted: string): string {
  return role === "ipam" ? (Object.keys(template.ipam)[0] ?? wanted) : wanted;
}
