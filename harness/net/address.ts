import ipaddr from "ipaddr.js";
import { harnessError } from "../core/errors.ts";

export type Family = 4 | 6;

/** One IP address. Two addresses are equal if family and value are. */
export interface Address {
  readonly family: Family;
  readonly value: bigint;
  /** Canonical: dotted decimal, or RFC 5952. */
  readonly text: string;
}

/** An address with a prefix length. Host bits are kept: `10.1.1.2/24` is also the address of an interface. */
export interface Cidr {
  readonly family: Family;
  readonly address: Address;
  readonly prefix: number;
  /** Canonical, with the host bits as they were written. */
  readonly text: string;
}

const BITS: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };

/**
 * Reads an address strictly: four decimal parts without leading zeros, or IPv6 without a zone. What inet_aton would
 * accept besides (`10.1`, `010.0.0.1`) means different things to different programs and is refused.
 * @returns undefined if it is not an address
 */
export function parseAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text) && !/(^|\.)0\d/.test(text)) {
    return fromBytes(4, ipaddr.IPv4.parse(text).toByteArray());
  }
  if (!text.includes(":") || text.includes("%") || !ipaddr.IPv6.isValid(text)) return undefined;
  return fromBytes(6, ipaddr.IPv6.parse(text).toByteArray());
}

/** Reads `address/prefix`, strictly. @returns undefined if it is not in CIDR notation */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf("/");
  const length = text.slice(slash + 1);
  if (slash < 0 || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const address = parseAddress(text.slice(0, slash));
  const prefix = Number(length);
  if (!address || prefix > BITS[address.family]) return undefined;
  return { family: address.family, address, prefix, text: `${address.text}/${prefix}` };
}

/** Reads a CIDR that the harness itself wrote. @throws PlumblineError PL_ADDRESS */
export function requireCidr(text: string): Cidr {
  const cidr = parseCidr(text);
  if (!cidr) throw harnessError("PL_ADDRESS", `${JSON.stringify(text)} is not an address with a prefix length`);
  return cidr;
}

/** The address of `10.1.1.2` as of `10.1.1.2/24`; status annotations hold either. */
export function addressPart(text: string): Address | undefined {
  return parseCidr(text)?.address ?? parseAddress(text);
}

/** Canonical text of an address, or undefined. */
export function canonicalAddress(text: string): string | undefined {
  return parseAddress(text)?.text;
}

/** Whether two texts are the same address in different spellings; false if one is none. */
export function sameAddress(a: string, b: string): boolean {
  const canonical = canonicalAddress(a);
  return canonical !== undefined && canonical === canonicalAddress(b);
}

/** The network that a CIDR lies in: host bits cleared. */
export function networkOf(cidr: Cidr): Cidr {
  const address = addressOf(cidr.family, firstValue(cidr));
  return { family: cidr.family, address, prefix: cidr.prefix, text: `${address.text}/${cidr.prefix}` };
}

/** Whether an address lies in a network; never across families. */
export function containsAddress(network: Cidr, address: Address): boolean {
  return (
    network.family === address.family && address.value >= firstValue(network) && address.value <= lastValue(network)
  );
}

/** Whether two networks share an address. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.family === b.family && firstValue(a) <= lastValue(b) && firstValue(b) <= lastValue(a);
}

/** Number of addresses in a network, its first and last included. */
export function sizeOf(cidr: Cidr): bigint {
  return 1n << BigInt(BITS[cidr.family] - cidr.prefix);
}

/**
 * The nth address of a network; 0 is the network's own, negative counts from the end (-1 is the last).
 * @throws PlumblineError PL_ADDRESS if the network is smaller
 */
export function nthAddress(cidr: Cidr, n: number | bigint): Address {
  const index = BigInt(n) < 0n ? sizeOf(cidr) + BigInt(n) : BigInt(n);
  if (index < 0n || index >= sizeOf(cidr)) {
    throw harnessError("PL_ADDRESS", `${cidr.text} has ${sizeOf(cidr)} addresses, number ${n} was asked for`);
  }
  return addressOf(cidr.family, firstValue(cidr) + index);
}

/** The nth network of the given prefix length inside a larger one. @throws PlumblineError PL_ADDRESS if there is none */
export function nthSubnet(cidr: Cidr, options: { readonly prefix: number; readonly n: number | bigint }): Cidr {
  const { prefix, n } = options;
  const step = 1n << BigInt(BITS[cidr.family] - prefix);
  if (prefix < cidr.prefix || BigInt(n) < 0n || BigInt(n) * step >= sizeOf(cidr)) {
    throw harnessError("PL_ADDRESS", `${cidr.text} has no network number ${n} of prefix length ${prefix}`);
  }
  const address = addressOf(cidr.family, firstValue(cidr) + BigInt(n) * step);
  return { family: cidr.family, address, prefix, text: `${address.text}/${prefix}` };
}

/** fe80::/10: the kernel gives every interface one, no plugin reports it. */
export function isLinkLocal(address: Address): boolean {
  return address.family === 6 && address.value >> 118n === 0x3fan;
}

/** The address of a number. */
export function addressOf(family: Family, value: bigint): Address {
  const bytes: number[] = [];
  for (let shift = BigInt(BITS[family] - 8); shift >= 0n; shift -= 8n) bytes.push(Number((value >> shift) & 0xffn));
  return fromBytes(family, bytes);
}

function fromBytes(family: Family, bytes: readonly number[]): Address {
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const text = family === 4 ? bytes.join(".") : new ipaddr.IPv6([...bytes]).toRFC5952String();
  return { family, value, text };
}

function firstValue(cidr: Cidr): bigint {
  const hostBits = BigInt(BITS[cidr.family] - cidr.prefix);
  return (cidr.address.value >> hostBits) << hostBits;
}

function lastValue(cidr: Cidr): bigint {
  return firstValue(cidr) + sizeOf(cidr) - 1n;
}
