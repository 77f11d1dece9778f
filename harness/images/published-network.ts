import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { harnessError } from "../core/errors.ts";
import { packageFile } from "../core/package-root.ts";
import { parseFixture } from "../core/read-fixture.ts";

const moduleSchema = z.strictObject({ path: z.string(), version: z.string().regex(/^v\d/) });

/** One file as it is published, at one place or the other; the digest is of the file as it is there. */
export const publishedFile = z.strictObject({
  url: z.url(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  module: moduleSchema.extend({ file: z.string() }).optional(),
  /** Of Go source: name of the constant that is the manifest. */
  constant: z.string().optional(),
});
export type PublishedFile = z.output<typeof publishedFile>;

/** A Helm chart: a folder of a Go module, or in a repository. */
const chartSchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  repository: z.url(),
  module: moduleSchema.extend({ folder: z.string() }),
  release: z.string(),
  namespace: z.string(),
  values: z.record(z.string(), z.unknown()),
});
export type PublishedChart = z.output<typeof chartSchema>;

/** An object whose kind the reader knows. */
export const workload = z.strictObject({ namespace: z.string(), name: z.string() });

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});

const networkSchema = z.strictObject({
  version: z.string(),
  manifest: z.union([z.strictObject({ file: publishedFile }), z.strictObject({ chart: chartSchema })]),
  /** Text of the manifest -> what takes its place; `${podRanges}` stands for the cluster's pod ranges. */
  placeholders: z.record(z.string(), z.string()).default({}),
  /** All that its pods run. */
  images: z.array(z.string()).min(1),
  /** Names of the CNI plugins that its pods put on the nodes, besides the reference plugins. */
  plugins: z.array(z.string()).default([]),
  /** Names of files in fixtures/patches. */
  patches: z.array(z.string()).default([]),
  /** Applied after the manifest, each with the reason that the report gives. */
  objects: z.array(z.strictObject({ change: z.string(), reason: z.string(), object: objectSchema })).default([]),
  families: z.array(z.enum(["ipv4", "dual"])).min(1),
  /** What Multus must pick of /etc/cni/net.d. */
  conf: z.strictObject({ file: z.string(), name: z.string(), cniVersion: z.string() }),
  daemonSet: workload.extend({ image: z.string() }),
  deployments: z.array(workload).default([]),
  /** Written on every node when it works there. */
  nodeFiles: z.array(z.string()).default([]),
  /** Who enforces NetworkPolicy, and a script for `sh` that shows on a node that it can: its output is the evidence. */
  policy: z.strictObject({ by: z.string(), probe: z.string() }),
});

/** A default network that is installed from what its project publishes; its images are pulled and never built here. */
export type PublishedNetwork = z.output<typeof networkSchema> & { readonly name: string };

/** Reads fixtures/default-networks/NAME.yaml. @returns undefined if there is none @throws PlumblineError PL_NETWORK_FILE */
export function publishedNetwork(name: string): PublishedNetwork | undefined {
  const file = packageFile("fixtures", "default-networks", `${name}.yaml`);
  if (!existsSync(file)) return undefined;
  const parsed = networkSchema.safeParse(parseFixture(readFileSync(file, "utf8"), file));
  if (parsed.success) return { ...parsed.data, name };
  throw harnessError("PL_NETWORK_FILE", `${file} is no default network: ${z.prettifyError(parsed.error)}`);
}
