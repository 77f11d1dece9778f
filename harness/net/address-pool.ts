import { harnessError } from "../core/errors.ts";
import { sha256 } from "../core/json.ts";
import { nthAddress, nthSubnet, overlaps, parseCidr, requireCidr, sizeOf, type Cidr } from "./address.ts";

export interface AddressPoolOptions {
  /** Two runs of different ids get different names, bridges and MACs. */
  readonly runId: string;
  /** Number of slices. A lane that is started again takes a new slice, so there are more of them than lanes. */
  readonly slices: number;
  /** Networks in use: Docker's, the nodes', and whatever the site adds. The pod and service ranges are always avoided. */
  readonly avoid?: readonly string[];
  readonly ipv4Base?: string;
  readonly ipv6Base?: string;
  /** What networks on a link of the nodes may use, in CIDR notation. Default: what all others do. */
  readonly linkRanges?: readonly string[] | undefined;
  /** The same for networks on the link of VFs. */
  readonly vfRanges?: readonly string[] | undefined;
}

/** A network of the pool. Its gateway is the first host address. */
export interface PoolSubnet {
  readonly cidr: string;
  readonly gateway: string;
  /** The nth address with the subnet's prefix length, e.g. `10.210.3.7/24` for 7. */
  address(n: number): string;
}

/** Ranges that kind, kubeadm and Flannel take by default. */
const ALWAYS_AVOIDED = ["10.244.0.0/16", "10.96.0.0/12", "fd00:10:244::/56", "fd00:10:96::/112"];
const IPV4_BASE = "10.210.0.0/15";
const IPV6_BASE = "fd7b:706c:756d::/48";
/** 0 and 1 have a meaning of their own, 4095 is reserved. */
const VLANS = { first: 2, last: 4094 };
/** Below the node ports (30000) and the kernel's ephemeral ports (32768). */
const HOST_PORTS = { first: 20_000, last: 29_999 };
const IDS = { first: 0, last: 0xffff };
const MAX_SLICES = 256;

/**
 * Names and addresses of one run, cut into disjoint slices. A slice depends on the options and its number alone, so
 * lanes in different processes need not talk to each other.
 */
export class AddressPool {
  readonly #options: AddressPoolOptions;

  /** @throws PlumblineError PL_POOL (harness) for options that leave no room */
  constructor(options: AddressPoolOptions) {
    if (!Number.isInteger(options.slices) || options.slices < 1 || options.slices > MAX_SLICES) {
      throw harnessError("PL_POOL", `a pool has 1 to ${MAX_SLICES} slices, ${options.slices} were asked for`);
    }
    this.#options = options;
  }

  /** The slice with this number, from 0. Taking the same slice twice hands out everything twice. */
  slice(index: number): PoolSlice {
    if (!Number.isInteger(index) || index < 0 || index >= this.#options.slices) {
      throw harnessError(
        "PL_POOL",
        `the pool has slices 0 to ${this.#options.slices - 1}, number ${index} was asked for`,
      );
    }
    return new PoolSlice(this.#options, index);
  }
}

/** What one lane may use. Nothing is handed out twice, and nothing is taken back. */
export class PoolSlice {
  readonly index: number;
  readonly #run: string;
  readonly #ipv4: Generator<Cidr>;
  readonly #ipv6: Generator<Cidr>;
  readonly #link: Generator<Cidr> | undefined;
  readonly #vfs: Generator<Cidr> | undefined;
  readonly #vlans: Generator<number>;
  readonly #hostPorts: Generator<number>;
  readonly #macs: Generator<number>;
  readonly #bridges: Generator<number>;
  readonly #namespaces: Generator<number>;

  constructor(options: AddressPoolOptions, index: number) {
    const part = { index, slices: options.slices };
    const avoid = [...ALWAYS_AVOIDED, ...(options.avoid ?? [])].map((text) => avoided(text));
    this.index = index;
    this.#run = sha256(options.runId).slice(0, 4);
    this.#ipv4 = subnets(requireCidr(options.ipv4Base ?? IPV4_BASE), { prefix: 24, part, avoid });
    this.#ipv6 = subnets(requireCidr(options.ipv6Base ?? IPV6_BASE), { prefix: 64, part, avoid });
    this.#link = options.linkRanges && linkSubnets(options.linkRanges, part);
    this.#vfs = options.vfRanges && linkSubnets(options.vfRanges, part);
    this.#vlans = share(VLANS, part);
    this.#hostPorts = share(HOST_PORTS, part);
    // these are numbered within the slice: the number of the slice is part of the name
    this.#macs = share(IDS, { index: 0, slices: 1 });
    this.#bridges = share(IDS, { index: 0, slices: 1 });
    this.#namespaces = share(IDS, { index: 0, slices: 1 });
  }

  /** A /24 of its own. @throws PlumblineError PL_POOL_EXHAUSTED, as do all the others */
  ipv4Subnet(): PoolSubnet {
    return subnet(take(this.#ipv4, "IPv4 networks", this.index));
  }

  /** A /24 of its own on a link that others may be on, too. */
  linkSubnet(): PoolSubnet {
    return this.#link ? subnet(take(this.#link, "networks in the configured ranges", this.index)) : this.ipv4Subnet();
  }

  /** A /24 of its own on the link of VFs. */
  vfSubnet(): PoolSubnet {
    return this.#vfs
      ? subnet(take(this.#vfs, "networks in the ranges of cluster.sriov", this.index))
      : this.ipv4Subnet();
  }

  /** A /64 of its own. */
  ipv6Subnet(): PoolSubnet {
    return subnet(take(this.#ipv6, "IPv6 networks", this.index));
  }

  /** A locally administered unicast address. */
  mac(): string {
    const n = take(this.#macs, "MAC addresses", this.index);
    const bytes = `02${this.#run}${hex(this.index, 2)}${hex(n, 4)}`;
    return (bytes.match(/../g) ?? []).join(":");
  }

  vlanId(): number {
    return take(this.#vlans, "VLAN ids", this.index);
  }

  hostPort(): number {
    return take(this.#hostPorts, "host ports", this.index);
  }

  /** Name of a link on a node: 13 of the 15 characters that the kernel allows. */
  bridgeName(): string {
    return `plb${this.#run}${hex(this.index, 2)}${hex(take(this.#bridges, "bridge names", this.index), 4)}`;
  }

  /** A namespace; `hint` (a case id, say) makes it readable. At most 63 characters, a DNS label. */
  namespace(hint: string): string {
    const n = take(this.#namespaces, "namespaces", this.index);
    const label = hint
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .slice(0, 40)
      .replaceAll(/^-+|-+$/g, "");
    return ["pl", this.#run, `${this.index}x${n}`, label].filter((part) => part !== "").join("-");
  }
}

interface Part {
  readonly index: number;
  readonly slices: number;
}

const WHOLE: Part = { index: 0, slices: 1 };

/** Every `slices`-th number from `first + index` on. */
function* share(range: { readonly first: number; readonly last: number }, part: Part): Generator<number> {
  for (let n = range.first + part.index; n <= range.last; n += part.slices) yield n;
}

interface SubnetRules {
  readonly prefix: number;
  readonly part: Part;
  readonly avoid: readonly Cidr[];
}

function* subnets(base: Cidr, { prefix, part, avoid }: SubnetRules): Generator<Cidr> {
  const available = prefix < base.prefix ? 0n : sizeOf(base) / sizeOf({ ...base, prefix });
  for (const n of share({ first: 0, last: Number(available) - 1 }, part)) {
    const candidate = nthSubnet(base, { prefix, n });
    if (!avoid.some((network) => overlaps(network, candidate))) yield candidate;
  }
}

/** The user knows what is free there: nothing is avoided. */
function* linkSubnets(ranges: readonly string[], part: Part): Generator<Cidr> {
  const all = ranges.map(requireCidr).flatMap((base) => [...subnets(base, { prefix: 24, part: WHOLE, avoid: [] })]);
  for (const n of share({ first: 0, last: all.length - 1 }, part)) yield* all.slice(n, n + 1);
}

function subnet(cidr: Cidr): PoolSubnet {
  return {
    cidr: cidr.text,
    gateway: nthAddress(cidr, 1).text,
    address: (n) => `${nthAddress(cidr, n).text}/${cidr.prefix}`,
  };
}

function take<T>(source: Generator<T>, what: string, index: number): T {
  const next = source.next();
  if (!next.done) return next.value;
  throw harnessError("PL_POOL_EXHAUSTED", `slice ${index} of the address pool has no ${what} left`, {
    hint: "run with fewer lanes, or give the pool a larger base or a shorter list of networks to avoid",
  });
}

function avoided(text: string): Cidr {
  const cidr = parseCidr(text);
  if (!cidr) throw harnessError("PL_POOL", `the network to avoid, ${JSON.stringify(text)}, is not in CIDR notation`);
  return cidr;
}

function hex(n: number, digits: number): string {
  return n.toString(16).padStart(digits, "0");
}
