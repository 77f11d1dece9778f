import { readdirSync, readFileSync } from "node:fs";
import { z } from "zod";
import { harnessError, usageError } from "../core/errors.ts";
import { nearestName } from "../core/nearest-name.ts";
import { packageFile } from "../core/package-root.ts";
import { parseFixture } from "../core/read-fixture.ts";

const name = z.string().min(1);
const configSchema = z.record(z.string(), z.unknown()).and(z.object({ type: name }));

/** Versions of CNI in which configurations are written. */
export const CNI_VERSIONS = ["0.3.1", "0.4.0", "1.0.0", "1.1.0"] as const;
export type CniVersion = (typeof CNI_VERSIONS)[number];

/** What a template may leave open: `${range}` and so on. Each network of a run has values of its own for them. */
export const PLACEHOLDERS = [
  "range",
  "gateway",
  "address",
  "rangeStart",
  "rangeEnd",
  "range6",
  "gateway6",
  "master",
  "bridge",
  "device",
  "vlanId",
] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

/**
 * Whom a pod of a network may reach through it: pods of the same network, the node that the pod lies on, a pod of another
 * network on the same node, and somebody outside the cluster on the link that the nodes share.
 */
export const REACH_TARGETS = [
  "pod-same-node",
  "pod-other-node",
  "own-node",
  "pod-other-network",
  "outside-peer",
] as const;

const targetsSchema = z.array(z.strictObject({ to: z.enum(REACH_TARGETS), why: name })).readonly();

const reachSchema = z
  .strictObject({
    must: targetsSchema,
    mustNot: targetsSchema,
    /** Neither promised nor ruled out: no case may ask. */
    open: targetsSchema,
  })
  .superRefine((reach, context) => {
    const told = [...reach.must, ...reach.mustNot, ...reach.open].map(({ to }) => to);
    for (const target of REACH_TARGETS) {
      const times = told.filter((to) => to === target).length;
      if (times !== 1) context.addIssue({ code: "custom", message: `tells ${times} times of ${target}, not once` });
    }
  });

/** What a template holds, but for whom its pods reach; also what a user says of a network for a plugin of their own. */
export const NETWORK_KEYS = {
  linkKind: name.describe("Kind of the interface in the pod, as in `ip -d link`."),
  cniVersion: z.enum(CNI_VERSIONS).describe("Version that the configurations are written in."),
  plugins: z
    .array(configSchema)
    .min(1)
    .readonly()
    .describe("The plugins of the list, first to last, with placeholders such as ${range} and, for IPAM, ${ipam}."),
  ipam: z.record(name, configSchema).describe("IPAM variants; one of them takes the place of ${ipam}."),
  needs: z
    .strictObject({
      kernel: z.array(name).readonly().describe("Kinds of links that the node's kernel must make."),
      binaries: z.array(name).readonly().describe("Plugins that must lie on the node."),
    })
    .describe("What the node must have."),
  remains: z
    .array(z.strictObject({ kind: z.enum(["link"]), name }))
    .readonly()
    .describe("What the plugin leaves on a node by design."),
};

const templateSchema = z.strictObject({
  /** The plugin that the type is about: the first of the list, or one that changes what the first has made. */
  type: name,
  /** Its name, where the type has another one. */
  plugin: name.optional(),
  /** The pool whose devices it moves. A pod asks for as many as it has attachments, and its definition names the pool. */
  resource: name.optional(),
  /** Features of the testbed that it needs beside those of the kernel. */
  features: z.array(name).readonly().optional(),
  ...NETWORK_KEYS,
  /** Whom a pod of this network must and must not reach through it. */
  reach: reachSchema,
});

/** A file of fixtures/networks: a type of secondary network with placeholders `${...}` for what differs. */
export type NetworkTemplate = z.output<typeof templateSchema>;

export interface NetworkValues {
  /** Name of a variant in the template's `ipam`. */
  readonly ipam: string;
  /** Values of placeholders. Those that the template does not have are ignored, so that all types are given the same. */
  readonly values: Readonly<Record<string, string | number>>;
}

/** Names of the network types that come with the package. */
export function networkTypes(): readonly string[] {
  const files = readdirSync(packageFile("fixtures", "networks")).filter((file) => file.endsWith(".yaml"));
  return files.map((file) => file.slice(0, -".yaml".length)).toSorted();
}

/** Every case asks for those of its networks, and reading one takes as long as a program's start. */
const read = new Map<string, NetworkTemplate>();

/**
 * Reads a type of network, once.
 * @throws PlumblineError PL_NETWORK_TYPE (usage) for an unknown one, PL_FIXTURE (harness) for a malformed file
 */
export function loadNetworkTemplate(type: string): NetworkTemplate {
  const known = read.get(type);
  if (known) return known;
  const types = networkTypes();
  if (!types.includes(type)) {
    const near = nearestName(type, types);
    throw usageError("PL_NETWORK_TYPE", `there is no network type ${JSON.stringify(type)}`, {
      hint: near ? `did you mean ${near}?` : `known are ${types.join(", ")}`,
    });
  }
  const template = parseNetworkTemplate(
    readFileSync(packageFile("fixtures", "networks", `${type}.yaml`), "utf8"),
    type,
  );
  read.set(type, template);
  return template;
}

/** Reads the text of a template. @param type its name, for errors @throws PlumblineError PL_FIXTURE (harness) */
export function parseNetworkTemplate(text: string, type: string): NetworkTemplate {
  const parsed = templateSchema.safeParse(parseFixture(text, `the network ${type}`));
  if (!parsed.success) {
    throw harnessError("PL_FIXTURE", `the network ${type} is malformed: ${z.prettifyError(parsed.error)}`, {
      cause: parsed.error,
    });
  }
  if (parsed.data.type !== type)
    throw harnessError("PL_FIXTURE", `the network ${type} calls itself ${parsed.data.type}`);
  return parsed.data;
}

/**
 * The CNI configuration list of a network, as it goes into a NetworkAttachmentDefinition. It has no `name`: Multus fills
 * in that of the definition.
 * @source NPWG 3.4.2
 * @throws PlumblineError PL_NETWORK_VALUE (harness) for an unknown IPAM variant or a placeholder without a value
 */
export function renderNetwork(template: NetworkTemplate, options: NetworkValues): Record<string, unknown> {
  const ipam = Object.hasOwn(template.ipam, options.ipam) ? template.ipam[options.ipam] : undefined;
  if (!ipam) {
    const known = Object.keys(template.ipam).join(", ");
    throw harnessError(
      "PL_NETWORK_VALUE",
      `the network ${template.type} has no IPAM ${JSON.stringify(options.ipam)}, only ${known}`,
    );
  }
  const place = (value: unknown): unknown => {
    if (value === "${ipam}") return place(ipam);
    if (typeof value === "string") return filled(value, { template, values: options.values });
    if (Array.isArray(value)) return value.map(place);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, place(item)]));
  };
  return { cniVersion: template.cniVersion, plugins: template.plugins.map(place) };
}

/** Names of the links that the network leaves on each node by design. */
export function remainingLinks(template: NetworkTemplate, values: NetworkValues["values"]): readonly string[] {
  return template.remains.map((thing) => String(filled(thing.name, { template, values })));
}

interface Filling {
  readonly template: NetworkTemplate;
  readonly values: NetworkValues["values"];
}

/** A text that is one placeholder takes over the value's type. */
function filled(text: string, { template, values }: Filling): string | number {
  const valueOf = (key: string): string | number => {
    const value = Object.hasOwn(values, key) ? values[key] : undefined;
    if (value !== undefined) return value;
    throw harnessError("PL_NETWORK_VALUE", `the network ${template.type} needs a value for ${key}`);
  };
  const whole = /^\$\{(\w+)\}$/.exec(text)?.[1];
  return whole === undefined
    ? text.replaceAll(/\$\{(\w+)\}/g, (_, key: string) => String(valueOf(key)))
    : valueOf(whole);
}
