import { addressPart, isLinkLocal, parseCidr } from "../net/address.ts";

/** Texts of addresses with or without prefix lengths, compared as sets. What is no address stands for itself. */
export class AddressSet {
  /** Canonical text to prefix length, if one was written. */
  readonly #prefixes: ReadonlyMap<string, number | undefined>;
  readonly texts: readonly string[];

  constructor(texts: readonly string[]) {
    this.texts = texts;
    this.#prefixes = new Map(texts.map((text) => [addressPart(text)?.text ?? text, parseCidr(text)?.prefix]));
  }

  /** Addresses of an interface that somebody gave it: the kernel's own link-local ones are left out. */
  static ofLink(addresses: readonly string[]): AddressSet {
    return new AddressSet(addresses.filter((text) => !isKernelsOwn(text)));
  }

  get size(): number {
    return this.#prefixes.size;
  }

  /** The same addresses; prefix lengths are not looked at. */
  equals(other: AddressSet): boolean {
    return this.size === other.size && this.isWithin(other);
  }

  isWithin(other: AddressSet): boolean {
    return [...this.#prefixes.keys()].every((address) => other.#prefixes.has(address));
  }

  /** The same addresses, and the same prefix lengths where both sides write one. */
  agreesWith(other: AddressSet): boolean {
    const samePrefix = ([address, prefix]: readonly [string, number | undefined]): boolean => {
      const theirs = other.#prefixes.get(address);
      return prefix === undefined || theirs === undefined || prefix === theirs;
    };
    return this.equals(other) && [...this.#prefixes].every(samePrefix);
  }

  /** Whether both have addresses of the same families. */
  sameFamilies(other: AddressSet): boolean {
    return this.#families() === other.#families();
  }

  #families(): string {
    return [4, 6].filter((family) => this.texts.some((text) => addressPart(text)?.family === family)).join();
  }
}

function isKernelsOwn(text: string): boolean {
  const address = addressPart(text);
  return address !== undefined && isLinkLocal(address);
}
