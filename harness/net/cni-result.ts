import { z } from "zod";
import { subjectError, type PlumblineError } from "../core/errors.ts";
import { parseAddress, parseCidr } from "./address.ts";

export interface CniInterface {
  readonly name: string;
  readonly mac?: string | undefined;
  /** Path of the netns for what is in the pod; empty or absent for what is on the host. */
  readonly sandbox?: string | undefined;
  readonly mtu?: number | undefined;
}

export interface CniIp {
  /** CIDR notation, as the plugin wrote it. */
  readonly address: string;
  readonly gateway?: string | undefined;
  /** Index into `interfaces`, as the plugin wrote it; it may point nowhere. */
  readonly interface?: number | undefined;
}

export interface CniRoute {
  readonly dst: string;
  readonly gw?: string | undefined;
}

/** A success result of ADD, in the form of CNI 1.0.0 whatever version it was written in. */
export interface CniResult {
  /** As written. */
  readonly cniVersion: string;
  readonly interfaces: readonly CniInterface[];
  readonly ips: readonly CniIp[];
  readonly routes: readonly CniRoute[];
  readonly dns: {
    readonly nameservers: readonly string[];
    readonly domain?: string | undefined;
    readonly search: readonly string[];
    readonly options: readonly string[];
  };
}

/** Versions whose results this module reads. Before 0.3.0 a result had no interfaces to compare with anything. */
export const CNI_RESULT_VERSIONS: readonly string[] = ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"];

/** Go writes null for a nil slice. */
function list<T extends z.ZodType>(item: T) {
  return z
    .array(item)
    .nullish()
    .transform((value) => value ?? []);
}

const text = z.string();
const optionalText = text.optional();
const addressText = text.refine((value) => parseAddress(value) !== undefined, "is not an IP address");
const cidrText = text.refine((value) => parseCidr(value) !== undefined, "is not in CIDR notation");

const resultSchema = z.looseObject({
  cniVersion: text,
  interfaces: list(z.looseObject({ name: text, mac: optionalText, sandbox: optionalText, mtu: z.number().optional() })),
  ips: list(
    z.looseObject({
      address: cidrText,
      gateway: addressText.optional(),
      interface: z.int().optional(),
      version: optionalText,
    }),
  ),
  routes: list(z.looseObject({ dst: cidrText, gw: addressText.optional() })),
  dns: z
    .looseObject({ nameservers: list(text), domain: optionalText, search: list(text), options: list(text) })
    .prefault({}),
});

/**
 * Reads the success result of an ADD. Unknown keys are ignored; an interface index that points nowhere is kept, since
 * judging it is a verdict's work.
 * @source CNI spec 1.1.0 section 5, "Success"; 0.4.0 for `ips[].version`
 * @throws PlumblineError PL_CNI_RESULT (subject) with the place and what is wrong there
 */
export function parseCniResult(value: unknown): CniResult {
  const version = versionOf(value);
  if (!CNI_RESULT_VERSIONS.includes(version)) {
    throw resultError(`cniVersion ${JSON.stringify(version)} is none of ${CNI_RESULT_VERSIONS.join(", ")}`);
  }
  const parsed = resultSchema.safeParse(value);
  if (!parsed.success) throw resultError(issueText(parsed.error));
  const { cniVersion, interfaces, ips, routes, dns } = parsed.data;
  for (const [index, ip] of ips.entries()) checkIpVersion(cniVersion, index, ip);
  return {
    cniVersion,
    interfaces: interfaces.map(({ name, mac, sandbox, mtu }) => ({ name, mac, sandbox, mtu })),
    ips: ips.map((ip) => ({ address: ip.address, gateway: ip.gateway, interface: ip.interface })),
    routes: routes.map(({ dst, gw }) => ({ dst, gw })),
    dns: { nameservers: dns.nameservers, domain: dns.domain, search: dns.search, options: dns.options },
  };
}

/** What of a result lies in the pod, in its order: the interfaces with a sandbox. */
export function sandboxInterfaces(result: CniResult): readonly CniInterface[] {
  return result.interfaces.filter((entry) => entry.sandbox !== undefined && entry.sandbox !== "");
}

/**
 * Addresses (CIDR) that a result gives to its first interface with a sandbox; those without an index belong to it too,
 * as IPAM plugins write none.
 * @source NPWG 5.3.3.1; CNI spec 1.1.0 section 5
 */
export function podAddresses(result: CniResult): readonly string[] {
  const first = result.interfaces.findIndex((entry) => entry.sandbox !== undefined && entry.sandbox !== "");
  return result.ips.filter((ip) => ip.interface === undefined || ip.interface === first).map((ip) => ip.address);
}

/** First issue of a zod error as `place: what`. */
export function issueText(error: z.ZodError): string {
  const issue = error.issues[0];
  if (!issue) return "is not valid";
  const place = issue.path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  return place ? `${place.replace(/^\./, "")}: ${issue.message}` : issue.message;
}

function versionOf(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw resultError("it is not a JSON object");
  const version = (value as Record<string, unknown>)["cniVersion"];
  if (version === undefined) throw resultError("it has no cniVersion");
  if (typeof version !== "string") throw resultError("cniVersion is not a string");
  return version;
}

function checkIpVersion(
  cniVersion: string,
  index: number,
  ip: { address: string; version?: string | undefined },
): void {
  if (!cniVersion.startsWith("0.")) return;
  const family = String(parseCidr(ip.address)?.family);
  if (ip.version !== family) {
    throw resultError(
      `ips[${index}].version is ${JSON.stringify(ip.version ?? null)}, ${ip.address} is of version "${family}"`,
    );
  }
}

function resultError(why: string): PlumblineError {
  return subjectError("PL_CNI_RESULT", `a CNI result cannot be read: ${why}`);
}
