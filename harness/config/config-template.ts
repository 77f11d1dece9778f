import { stringify } from "yaml";
import { configJsonSchema } from "./schema.ts";

/** How wide the comments are. */
const COLUMNS = 110;

interface Property {
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Property>>;
}

/**
 * The text of a new plumbline.yaml: the stack set, and the profile if one is given, everything else there as a comment with
 * its default.
 * @param schema where an editor finds the JSON Schema: a path or URL
 */
export function configTemplate(chosen: { stack: string; profile: string | undefined; schema: string }): string {
  const { properties = {} } = configJsonSchema() as Property;
  const values: Readonly<Record<string, unknown>> = {
    stack: chosen.stack,
    ...(chosen.profile === undefined ? {} : { profile: chosen.profile }),
  };
  const settings = Object.entries(properties).map(([key, property]) =>
    key in values ? described(property, line(key, values[key])) : described(property, commented(key, property)),
  );
  return [
    `# yaml-language-server: $schema=${chosen.schema}`,
    comment(
      "Settings of plumbline. The command line wins over this file; what stands behind a # has the value that holds without it.",
    ),
    "",
    settings.join("\n\n"),
    "",
  ].join("\n");
}

function described({ description }: Property, text: string): string {
  return description === undefined ? text : `${comment(description)}\n${text}`;
}

/** The setting with its default, or with what could stand there, as a comment. A group: each of its keys. */
function commented(key: string, property: Property): string {
  if (property.properties) {
    const members = Object.entries(property.properties).map(
      ([name, member]) => `${comment(member.description ?? "", "#   # ")}\n#   ${line(name, exampleOf(member))}`,
    );
    return [`# ${key}:`, ...members].join("\n");
  }
  return `# ${line(key, exampleOf(property))}`;
}

function exampleOf(property: Property): unknown {
  return property.default ?? property.examples?.[0];
}

/** On one line, so that one # takes it out. */
function line(key: string, value: unknown): string {
  return `${key}: ${stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim()}`;
}

function comment(text: string, prefix = "# "): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || `${prefix}${last} ${word}`.length > COLUMNS) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((one) => `${prefix}${one}`).join("\n");
}
