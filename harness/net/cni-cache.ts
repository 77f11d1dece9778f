import { z } from "zod";
import { messageOf, subjectError, type PlumblineError } from "../core/errors.ts";
import { issueText, parseCniResult, type CniResult } from "./cni-result.ts";

/** A file of libcni's cache: what was given to a network's plugins at ADD, and what they answered. */
export interface CniCacheEntry {
  readonly networkName: string;
  readonly containerId: string;
  readonly ifName: string;
  readonly netns?: string | undefined;
  /** The configuration (list) as it was executed, or undefined if it is not JSON. */
  readonly config: Readonly<Record<string, unknown>> | undefined;
  readonly capabilityArgs: Readonly<Record<string, unknown>>;
  readonly cniArgs: readonly (readonly [string, string])[];
  readonly result: CniResult | undefined;
}

/** One network of `/var/lib/cni/multus/<container id>`, in the order of attachment; the default network is first. */
export interface CachedDelegate {
  /** `namespace/name` of the NetworkAttachmentDefinition; for the cluster network its CNI name. */
  readonly name: string;
  /** The `name` of the CNI configuration, which names libcni's cache files and host-local's store. */
  readonly networkName: string;
  readonly ifNameRequest: string | undefined;
  readonly config: Readonly<Record<string, unknown>> | undefined;
}

const cacheSchema = z.looseObject({
  kind: z.literal("cniCacheV1"),
  containerId: z.string(),
  config: z.string().nullish(),
  ifName: z.string(),
  networkName: z.string(),
  netns: z.string().optional(),
  cniArgs: z.array(z.tuple([z.string(), z.string()])).nullish(),
  capabilityArgs: z.record(z.string(), z.unknown()).nullish(),
  result: z.record(z.string(), z.unknown()).nullish(),
});

const namedSchema = z.looseObject({ name: z.string().optional() }).nullish();
const delegatesSchema = z.array(
  z.looseObject({
    Conf: namedSchema,
    ConfList: namedSchema,
    Name: z.string().optional(),
    ifnameRequest: z.string().optional(),
    Bytes: z.string().nullish(),
  }),
);

/**
 * Reads a file of libcni's cache: `/var/lib/cni/results/<net>-<cid>-<if>` (the runtime's own calls) or
 * `/var/lib/cni/multus/results/...` (the networks under Multus).
 * @source containernetworking/cni libcni/api.go, cachedInfo
 * @throws PlumblineError PL_CNI_CACHE, or PL_CNI_RESULT for the result in it (both subject)
 */
export function parseLibcniCache(text: string): CniCacheEntry {
  const parsed = cacheSchema.safeParse(jsonOf(text));
  if (!parsed.success) throw cacheError(issueText(parsed.error));
  const { networkName, containerId, ifName, netns, config, capabilityArgs, cniArgs, result } = parsed.data;
  return {
    networkName,
    containerId,
    ifName,
    netns,
    config: decodeConfig(config),
    capabilityArgs: capabilityArgs ?? {},
    cniArgs: cniArgs ?? [],
    result: result && Object.keys(result).length > 0 ? parseCniResult(result) : undefined,
  };
}

/**
 * Reads Multus' own cache of a pod's networks.
 * @source multus-cni pkg/multus saveDelegates, pkg/types DelegateNetConf
 * @throws PlumblineError PL_CNI_CACHE (subject)
 */
export function parseDelegateCache(text: string): readonly CachedDelegate[] {
  const parsed = delegatesSchema.safeParse(jsonOf(text));
  if (!parsed.success) throw cacheError(issueText(parsed.error));
  return parsed.data.map((entry) => {
    const networkName = entry.ConfList?.name || entry.Conf?.name || entry.Name || "";
    return {
      name: entry.Name || networkName,
      networkName,
      ifNameRequest: entry.ifnameRequest || undefined,
      config: decodeConfig(entry.Bytes),
    };
  });
}

/** Name under which libcni caches a network's call. @source containernetworking/cni libcni/api.go, getCacheFilePath */
export function cacheFileName(call: Pick<CniCacheEntry, "networkName" | "containerId" | "ifName">): string {
  return `${call.networkName}-${call.containerId}-${call.ifName}`;
}

/** The plugins of a configuration list, or the one plugin of a single configuration. */
export function pluginsOf(config: Readonly<Record<string, unknown>>): readonly Readonly<Record<string, unknown>>[] {
  const plugins = config["plugins"];
  return Array.isArray(plugins) ? plugins.filter(isRecord) : [config];
}

/**
 * Which IPAM hands out the addresses of a configuration: its `ipam.type`; `host-local` for flannel, which writes that
 * into what it delegates to.
 * @source flannel-io/cni-plugin README, "Flannel CNI plugin" (delegate)
 */
export function ipamTypeOf(config: Readonly<Record<string, unknown>>): string | undefined {
  for (const plugin of pluginsOf(config)) {
    const ipam = plugin["ipam"];
    if (isRecord(ipam) && typeof ipam["type"] === "string" && ipam["type"] !== "") return ipam["type"];
    if (plugin["type"] === "flannel") return "host-local";
    // the agent gives addresses, and its configuration names no plugin for it
    if (plugin["type"] === "cilium-cni") return "cilium";
  }
  return undefined;
}

function decodeConfig(base64: string | null | undefined): Readonly<Record<string, unknown>> | undefined {
  if (!base64) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(base64, "base64").toString("utf8"));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // the judgement of a broken configuration is the plugin's
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw cacheError(text.trim() === "" ? "it is empty" : messageOf(error), error);
  }
}

function cacheError(why: string, cause?: unknown): PlumblineError {
  return subjectError("PL_CNI_CACHE", `a CNI cache file cannot be read: ${why}`, { cause });
}
