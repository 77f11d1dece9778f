/**
 * Canonical text of a 6-byte MAC address: lower case, colons. Longer hardware addresses (8 bytes EUI-64, 20 bytes
 * InfiniBand) are refused: the network selection's `mac` is one of 6 bytes.
 * @source NPWG 4.1.2.1.4
 * @returns undefined if it is none
 */
export function parseMac(text: string): string | undefined {
  return /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text) || /^[0-9a-f]{2}(-[0-9a-f]{2}){5}$/i.test(text)
    ? text.toLowerCase().replaceAll("-", ":")
    : undefined;
}

/** Whether two texts are the same MAC address; false if one is none. */
export function sameMac(a: string, b: string): boolean {
  const canonical = parseMac(a);
  return canonical !== undefined && canonical === parseMac(b);
}

/** Whether an interface may be given this address by hand: locally administered, and not a group's. */
export function isLocalUnicastMac(mac: string): boolean {
  const first = Number.parseInt(mac.slice(0, 2), 16);
  return parseMac(mac) !== undefined && (first & 0b10) !== 0 && (first & 0b1) === 0;
}
