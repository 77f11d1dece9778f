import type { PluginRole } from "../config/plugin-schema.ts";
import type { SubjectPlugin } from "../config/plugin-under-test.ts";
import type { CaseDefinition } from "./define.ts";
import { networksOf } from "./networks-of.ts";
import { takesPlaceOf } from "./subject-network.ts";

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
