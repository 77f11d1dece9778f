import type { NetworkTemplate } from "../config/network-templates.ts";
import type { PluginRole } from "../config/plugin-schema.ts";
import type { PluginUnderTest } from "../config/plugin-under-test.ts";
import type { NetworkDeclaration } from "./declare-network.ts";
import type { CaseDefinition } from "./define.ts";
import { networksOf } from "./networks-of.ts";

/** The plugin under test as cases and networks see it. */
export interface SubjectPlugin extends Pick<PluginUnderTest, "name" | "role" | "template"> {
  /** What it answers to VERSION. */
  readonly supportedVersions: readonly string[];
}

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

type Asking = Pick<CaseDefinition, "asks" | "pods" | "networks">;

/** Why a case says nothing of the plugin under test. @returns undefined if it asks it */
export function whyNotAsked(subject: SubjectPlugin, definition: Asking): string | undefined {
  const { name, role } = subject;
  const { asks } = definition;
  if (asks)
    return asks.includes(role) ? undefined : `it asks ${rolesText(asks)} plugins, and ${name} is of the role ${role}`;
  const networks = networksOf(definition);
  if (networks.some((network) => takesPlaceOf(subject, network))) return undefined;
  const capability = networks.find((network) => network.forSubject?.capability)?.forSubject?.capability;
  if (capability !== undefined && role !== "ipam") {
    return `it asks plugins of the capability ${capability}, which the network of ${name} does not declare`;
  }
  return `it has nothing to ask ${name}, which is of the role ${role}`;
}

function rolesText(roles: readonly PluginRole[]): string {
  return roles.join(" and ");
}
