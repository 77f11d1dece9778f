import type { ScratchNode } from "./scratch-node.test-support.ts";

/** What should be on the node: `kind key` -> a text that changes when the thing does. */
export type Expected = ReadonlyMap<string, string>;

/** One random step: which operation, and two numbers from which it chooses its object. */
export interface Step {
  readonly operation: OperationName;
  readonly a: number;
  readonly b: number;
}

interface Link {
  readonly kind: "veth" | "bridge" | "macvlan";
  readonly peer?: string;
  readonly parent?: string;
  master?: string;
  /** An interface of the same name that was made anew is another one. */
  readonly birth: number;
  mtu: number;
  tbf: boolean;
  rpFilter: string;
}

/**
 * What the kernel should hold after the steps so far, with what it does by itself: a connected, a local and a broadcast
 * route for an address; everything on an interface going with it.
 */
export class ScratchModel {
  readonly #node: ScratchNode;
  readonly #links = new Map<string, Link>();
  /** `kind key` -> the interface that it goes with, and its text. */
  readonly #things = new Map<string, { readonly links: readonly string[]; readonly text: string }>();
  readonly #namespaces = new Map<string, number>();
  #births = 0;

  constructor(node: ScratchNode) {
    this.#node = node;
  }

  expected(): Expected {
    const links = [...this.#links].flatMap(([name, link]) => {
      const entries: [string, string][] = [[`link ${name}`, JSON.stringify({ ...link, tbf: 0, rpFilter: 0 })]];
      if (link.master) entries.push([`bridge-port ${link.master} ${name}`, ""]);
      if (link.tbf) entries.push([`qdisc ${name} tbf 1: root`, ""]);
      entries.push([`sysctl net/ipv4/conf/${name}/rp_filter`, link.rpFilter]);
      return entries;
    });
    return new Map([
      ...links,
      ...[...this.#things].map(([id, { text }]) => [id, text] as const),
      ...[...this.#namespaces].map(([name, birth]) => [`netns ${name}`, String(birth)] as const),
    ]);
  }

  /** Applies a step to the model. @returns the lines of shell that do it; none if it does not apply now */
  apply({ operation, a, b }: Step): readonly string[] {
    return operations[operation](this, a, b);
  }

  add(id: string, links: readonly string[] = [], text = ""): void {
    this.#things.set(id, { links, text });
  }

  has(id: string): boolean {
    return this.#things.has(id) || this.expected().has(id);
  }

  delete(id: string): boolean {
    return this.#things.delete(id);
  }

  get linkNames(): readonly string[] {
    return [...this.#links.keys()];
  }

  link(name: string): Link | undefined {
    return this.#links.get(name);
  }

  addLink(name: string, link: Pick<Link, "kind" | "peer" | "parent">): void {
    this.#links.set(name, { ...link, birth: ++this.#births, mtu: 1500, tbf: false, rpFilter: "0" });
  }

  /** Takes an interface away with all that goes with it: its peer, what is stacked on it, and what stands on it. */
  deleteLink(name: string): void {
    const link = this.#links.get(name);
    if (!link || !this.#links.delete(name)) return;
    for (const [id, thing] of this.#things) if (thing.links.includes(name)) this.#things.delete(id);
    for (const [other, { parent, master }] of this.#links) {
      if (parent === name) this.deleteLink(other);
      else if (master === name) delete this.#links.get(other)?.master;
    }
    if (link.peer) this.deleteLink(link.peer);
  }

  addNamespace(name: string): readonly string[] {
    this.#namespaces.set(name, ++this.#births);
    return this.#node.addNamespaceLines(name);
  }

  deleteNamespace(name: string): readonly string[] {
    if (!this.#namespaces.delete(name)) return [];
    for (const id of this.#things.keys()) if (id.includes(` ${name}/`)) this.#things.delete(id);
    return this.#node.deleteNamespaceLines(name);
  }

  get namespaces(): readonly string[] {
    return [...this.#namespaces.keys()];
  }

  inNamespace(name: string): string {
    return `nsenter --net=${this.#node.namespacePath(name)}`;
  }
}

type Operation = (model: ScratchModel, a: number, b: number) => readonly string[];

function pick(names: readonly string[], n: number): string | undefined {
  return names[n % Math.max(1, names.length)];
}

const mac = (kind: number, n: number): string => `02:00:00:00:0${kind}:0${n % 10}`;
const noLinkLocal = (name: string): string => `ip link set ${name} addrgenmode none; ip link set ${name} up`;

/** Adds the thing if it is not there, takes it away if it is. */
function toggle(
  model: ScratchModel,
  id: string,
  how: { readonly links?: readonly string[]; readonly add: string; readonly remove: string },
) {
  if (model.delete(id)) return [how.remove];
  model.add(id, how.links);
  return [how.add];
}

const operations = {
  veth(model, a) {
    const [name, peer] = [`v${a % 4}`, `p${a % 4}`];
    if (model.link(name) || model.link(peer)) return [];
    model.addLink(name, { kind: "veth", peer });
    model.addLink(peer, { kind: "veth", peer: name });
    return [
      `ip link add ${name} address ${mac(1, a % 4)} type veth peer name ${peer} address ${mac(2, a % 4)}`,
      noLinkLocal(name),
      noLinkLocal(peer),
    ];
  },
  bridge(model, a) {
    const name = `b${a % 2}`;
    if (model.link(name)) return [];
    model.addLink(name, { kind: "bridge" });
    return [`ip link add ${name} address ${mac(3, a % 2)} type bridge mcast_snooping 0`, noLinkLocal(name)];
  },
  macvlan(model, a, b) {
    const name = `m${a % 2}`;
    const parent = pick(
      model.linkNames.filter((n) => n.startsWith("v") && !model.link(n)?.master),
      b,
    );
    if (!parent || model.link(name)) return [];
    model.addLink(name, { kind: "macvlan", parent });
    // the parent listens to the address of what is stacked on it
    model.add(`fdb ${parent} ${mac(4, a % 2)} self`, [name, parent]);
    return [`ip link add ${name} link ${parent} address ${mac(4, a % 2)} type macvlan mode bridge`, noLinkLocal(name)];
  },
  deleteLink(model, a) {
    const name = pick(model.linkNames, a);
    if (!name) return [];
    model.deleteLink(name);
    return [`ip link del ${name}`];
  },
  enslave(model, a, b) {
    const [port, bridge] = [
      pick(
        model.linkNames.filter((n) => n.startsWith("p")),
        a,
      ),
      pick(
        model.linkNames.filter((n) => n.startsWith("b")),
        b,
      ),
    ];
    const link = port && model.link(port);
    if (!link || !bridge) return [];
    if (link.master) {
      delete link.master;
      for (const n of [1, 2, 3]) model.delete(`fdb ${port} 02:00:00:00:09:0${n} master ${bridge}`);
      return [`ip link set ${port} nomaster`];
    }
    link.master = bridge;
    return [`ip link set ${port} master ${bridge}`];
  },
  mtu(model, a, b) {
    const name = pick(
      model.linkNames.filter((n) => n.startsWith("p")),
      a,
    );
    const link = name && model.link(name);
    if (!link) return [];
    link.mtu = 1300 + (b % 5) * 10;
    return [`ip link set ${name} mtu ${link.mtu}`];
  },
  address4(model, a, b) {
    const dev = pick(model.linkNames, a);
    if (!dev) return [];
    const net = `10.${b % 5}.${model.linkNames.indexOf(dev)}`;
    const id = `address ${dev} ${net}.7/24`;
    const routes = [
      `route 4 ${net}.0/24 dev ${dev} table main`,
      `route 4 local ${net}.7 dev ${dev} table local`,
      `route 4 broadcast ${net}.255 dev ${dev} table local`,
    ];
    if (model.has(id)) {
      for (const thing of [id, ...routes]) model.delete(thing);
      return [`ip addr del ${net}.7/24 dev ${dev}`];
    }
    for (const thing of [id, ...routes]) model.add(thing, [dev]);
    return [`ip addr add ${net}.7/24 dev ${dev}`];
  },
  address6(model, a, b) {
    const dev = pick(model.linkNames, a);
    if (!dev) return [];
    const net = `fd0${b % 5}:${model.linkNames.indexOf(dev) + 1}::`;
    const id = `address ${dev} ${net}7/64`;
    const routes = [
      `route 6 ${net}/64 dev ${dev} metric 256 table main`,
      `route 6 local ${net}7 dev ${dev} metric 0 table local`,
    ];
    if (model.has(id)) {
      for (const thing of [id, ...routes]) model.delete(thing);
      return [`ip addr del ${net}7/64 dev ${dev}`];
    }
    for (const thing of [id, ...routes]) model.add(thing, [dev]);
    return [`ip addr add ${net}7/64 dev ${dev} nodad`];
  },
  route(model, a, b) {
    const dev = pick(model.linkNames, a);
    if (!dev) return [];
    // one of its own for each link: the kernel takes a route of the same metric over another link for one that it has
    const metric = 10 + (Buffer.from(dev).reduce((n, byte) => 31 * n + byte, 0) % 100_000);
    const [dst, table] = [`192.168.${b % 6}.0/24`, ["main", "100"][b % 2]];
    const id = `route 4 ${dst} via 10.250.0.1 dev ${dev} metric ${metric} table ${table}`;
    const words = `${dst} via 10.250.0.1 dev ${dev} onlink metric ${metric} table ${table}`;
    return toggle(model, id, { links: [dev], add: `ip route add ${words}`, remove: `ip route del ${words}` });
  },
  blackhole(model, a) {
    const id = `route 4 blackhole 172.16.${a % 4}.0/24 table main`;
    return toggle(model, id, {
      add: `ip route add blackhole 172.16.${a % 4}.0/24`,
      remove: `ip route del blackhole 172.16.${a % 4}.0/24`,
    });
  },
  rule(model, a, b) {
    const words = `pref ${1000 + (a % 3)} from 10.77.${b % 3}.0/24 lookup 100`;
    const id = `rule 4 ${1000 + (a % 3)}: from 10.77.${b % 3}.0/24 table 100`;
    return toggle(model, id, { add: `ip rule add ${words}`, remove: `ip rule del ${words}` });
  },
  neighbour(model, a, b) {
    const dev = pick(model.linkNames, a);
    if (!dev) return [];
    const ip = ["10.88.0.1", "fd88::1", "10.88.0.2"][b % 3] ?? "";
    const id = `neighbour ${ip} ${dev}`;
    const add = `ip neigh add ${ip} lladdr 02:00:00:00:08:01 dev ${dev} nud permanent`;
    return toggle(model, id, { links: [dev], add, remove: `ip neigh del ${ip} dev ${dev}` });
  },
  fdb(model, a, b) {
    const port = pick(
      model.linkNames.filter((n) => model.link(n)?.master),
      a,
    );
    const bridge = port && model.link(port)?.master;
    if (!port || !bridge) return [];
    const address = `02:00:00:00:09:0${1 + (b % 3)}`;
    const others = model.linkNames.some((n) => n !== port && model.has(`fdb ${n} ${address} master ${bridge}`));
    if (others) return []; // an address is behind one port of a bridge
    const words = `${address} dev ${port} master static`;
    const id = `fdb ${port} ${address} master ${bridge}`;
    return toggle(model, id, {
      links: [port, bridge],
      add: `bridge fdb add ${words}`,
      remove: `bridge fdb del ${address} dev ${port} master`,
    });
  },
  qdisc(model, a) {
    const name = pick(
      model.linkNames.filter((n) => n.startsWith("v")),
      a,
    );
    const link = name && model.link(name);
    if (!link) return [];
    link.tbf = !link.tbf;
    return [
      link.tbf
        ? `tc qdisc add dev ${name} root handle 1: tbf rate 1mbit burst 32kbit latency 400ms`
        : `tc qdisc del dev ${name} root`,
    ];
  },
  sysctl(model, a, b) {
    const name = pick(model.linkNames, a);
    const link = name && model.link(name);
    if (!link) return [];
    link.rpFilter = String(b % 3);
    return [`echo ${b % 3} > /proc/sys/net/ipv4/conf/${name}/rp_filter`];
  },
  iptables(model, a, b) {
    const [program, variant] = [
      ["iptables-nft", "nft4"],
      ["ip6tables-nft", "nft6"],
      ["iptables-legacy", "legacy4"],
    ][a % 3] ?? ["", ""];
    const address = variant === "nft6" ? `fd66::${1 + (b % 3)}/128` : `10.66.0.${b % 3}/32`;
    const words = `FORWARD -s ${address} -m comment --comment "case ${b % 2}" -j DROP`;
    const id = `iptables-rule ${variant} filter -A ${words}`;
    return toggle(model, id, { add: `${program} -w -A ${words}`, remove: `${program} -w -D ${words}` });
  },
  iptablesChain(model, a) {
    const name = `CNI-${a % 3}`;
    const id = `iptables-chain nft4 nat ${name}`;
    return toggle(model, id, { add: `iptables-nft -w -t nat -N ${name}`, remove: `iptables-nft -w -t nat -X ${name}` });
  },
  nftRule(model, _, b) {
    // three rules of one comment each, so that the fingerprint of a key need not be known
    const id = (n: number): string => `nft-rule inet scratch c ${n}`;
    if (model.has(id(b % 3))) {
      for (const n of [0, 1, 2]) model.delete(id(n));
      return ["nft flush chain inet scratch c"];
    }
    model.add(id(b % 3));
    return [`nft add rule inet scratch c ip saddr 10.55.0.${b % 3} counter drop comment '"${b % 3}"'`];
  },
  nftElement(model, a) {
    const id = `nft-element inet scratch s 10.44.0.${a % 4}`;
    const words = `element inet scratch s { 10.44.0.${a % 4} }`;
    return toggle(model, id, { add: `nft add ${words}`, remove: `nft delete ${words}` });
  },
  file(model, a, b) {
    const file = `/var/lib/cni/networks/net-a/10.1.1.${a % 4}`;
    const id = `file ${file}`;
    if (b % 3 === 0 && model.delete(id)) return [`rm $R${file}`];
    model.add(id, [], String(b % 3));
    return [`printf 'c${b % 3}\\r\\nnet1' > $R${file}`];
  },
  namespace(model, a) {
    const name = `cni-${a % 3}`;
    return model.namespaces.includes(name) ? model.deleteNamespace(name) : model.addNamespace(name);
  },
  insideNamespace(model, a, b) {
    const name = pick(model.namespaces, a);
    if (!name) return [];
    const [id, net] = [`link ${name}/x${b % 2}`, `10.33.${b % 2}`];
    const inside = model.inNamespace(name);
    const dev = `x${b % 2}`;
    const things = [
      id,
      `address ${name}/${dev} ${net}.7/24`,
      `route ${name}/4 ${net}.0/24 dev ${dev} table main`,
      `route ${name}/4 local ${net}.7 dev ${dev} table local`,
      `route ${name}/4 broadcast ${net}.255 dev ${dev} table local`,
    ];
    if (model.has(id)) {
      for (const thing of things) model.delete(thing);
      return [`${inside} ip link del ${dev}`];
    }
    for (const thing of things) model.add(thing);
    return [
      `${inside} ip link add ${dev} address ${mac(5, b % 2)} type bridge`,
      `${inside} sh -c "${noLinkLocal(dev)}"`,
      `${inside} ip addr add ${net}.7/24 dev ${dev}`,
    ];
  },
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;
export const OPERATIONS = Object.keys(operations) as OperationName[];

/** What exists before the first step, so that nothing is made by the way: tables, base chains, folders. */
export const FOUNDATION: readonly string[] = [
  "for p in iptables-nft ip6tables-nft iptables-legacy; do for c in INPUT FORWARD OUTPUT; do $p -w -A $c -j RETURN; done; done",
  "for c in PREROUTING INPUT OUTPUT POSTROUTING; do iptables-nft -w -t nat -A $c -j RETURN; done",
  "nft add table inet scratch",
  "nft add chain inet scratch c '{ type filter hook forward priority 0; }'",
  "nft add set inet scratch s '{ type ipv4_addr; }'",
  "mkdir -p $R/var/lib/cni/networks/net-a",
];
