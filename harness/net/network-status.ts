import { z } from "zod";
import { messageOf, subjectError, type PlumblineError } from "../core/errors.ts";
import { issueText } from "./cni-result.ts";

export const NETWORK_STATUS_ANNOTATION = "k8s.v1.cni.cncf.io/network-status";

/** One entry of the annotation. Texts are as written; whether they are valid is for a verdict to say. */
export interface NetworkStatus {
  readonly name: string;
  readonly interface?: string | undefined;
  readonly ips: readonly string[];
  readonly mac?: string | undefined;
  readonly mtu?: number | undefined;
  /** Absent counts as false. */
  readonly default: boolean;
  readonly dns?: Readonly<Record<string, unknown>> | undefined;
  /** Multus' key for the specification's `default-route`; both are read into it. */
  readonly gateway: readonly string[];
  readonly deviceInfo?: Readonly<Record<string, unknown>> | undefined;
  /** Keys that the specification does not have and that are not in reverse-domain form either. */
  readonly nonSpecKeys: readonly string[];
}

const SPEC_KEYS = new Set(["name", "interface", "ips", "mac", "default", "dns", "device-info", "default-route"]);

const texts = z.array(z.string()).nullish();
const record = z.record(z.string(), z.unknown());
const statusSchema = z.array(
  z.looseObject({
    name: z.string(),
    interface: z.string().optional(),
    ips: texts,
    mac: z.string().optional(),
    mtu: z.number().optional(),
    default: z.boolean().optional(),
    dns: record.nullish(),
    gateway: texts,
    "default-route": texts,
    "device-info": record.nullish(),
  }),
);

/**
 * Reads the network-status annotation. Empty texts count as absent, unknown keys are tolerated and listed.
 * @source NPWG 5.3
 * @throws PlumblineError PL_NETWORK_STATUS (subject)
 */
export function parseNetworkStatus(text: string): readonly NetworkStatus[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw statusError(messageOf(error), error);
  }
  const parsed = statusSchema.safeParse(value);
  if (!parsed.success) throw statusError(issueText(parsed.error));
  return parsed.data.map((entry) => ({
    name: entry.name,
    interface: entry.interface || undefined,
    ips: entry.ips ?? [],
    mac: entry.mac || undefined,
    mtu: entry.mtu,
    default: entry.default ?? false,
    dns: entry.dns ?? undefined,
    gateway: entry.gateway ?? entry["default-route"] ?? [],
    deviceInfo: entry["device-info"] ?? undefined,
    nonSpecKeys: Object.keys(entry).filter((key) => !SPEC_KEYS.has(key) && !/^[a-z0-9-]+(\.[a-z0-9-]+)+/.test(key)),
  }));
}

function statusError(why: string, cause?: unknown): PlumblineError {
  return subjectError("PL_NETWORK_STATUS", `the network-status annotation cannot be read: ${why}`, { cause });
}
