import { z } from "zod";

/** The last field of a whole document; see programs/cmd/agent. */
export const STATE_SENTINEL = "plumbline-node-state-end";

// Only what the harness goes by is demanded; everything else that the tools print is kept and compared as it is.
const link = z.looseObject({
  ifindex: z.number(),
  ifname: z.string(),
  flags: z.array(z.string()),
  mtu: z.number(),
  /** Absent for devices without a hardware address. */
  address: z.string().optional(),
  /** Bridge or other device that it is enslaved to. */
  master: z.string().optional(),
  /** Of a veth: the peer's index; of a macvlan: its master's. Absent if that is in this namespace: then `link` names it. */
  link_index: z.number().optional(),
  link_netnsid: z.number().optional(),
  link: z.string().nullish(),
  linkinfo: z.looseObject({ info_kind: z.string().optional() }).optional(),
});
const addressInfo = z.looseObject({
  family: z.string(),
  local: z.string(),
  prefixlen: z.number(),
  scope: z.string().optional(),
});
const addressesOfLink = z.looseObject({ ifindex: z.number(), ifname: z.string(), addr_info: z.array(addressInfo) });
const route = z.looseObject({
  type: z.string().optional(),
  dst: z.string(),
  gateway: z.string().optional(),
  dev: z.string().optional(),
  table: z.string().optional(),
});
const neighbour = z.looseObject({
  dst: z.string(),
  dev: z.string().optional(),
  lladdr: z.string().optional(),
  state: z.array(z.string()).optional(),
});
const rule = z.looseObject({ priority: z.number(), src: z.string().optional(), dst: z.string().optional() });
const sysctls = z.record(z.string(), z.string());

/** `ip` prints `{}` for what it filtered out. */
function isFull(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

function listOf<T extends z.ZodType>(item: T) {
  return z.preprocess((value) => (Array.isArray(value) ? value.filter(isFull) : (value ?? [])), z.array(item));
}

const tables = {
  links: listOf(link),
  addresses: listOf(addressesOfLink),
  routes: listOf(route),
  neighbours: listOf(neighbour),
  rules4: listOf(rule),
  rules6: listOf(rule),
  sysctls: sysctls.default({}),
};

const namespace = z.looseObject({
  name: z.string(),
  path: z.string(),
  inode: z.number(),
  /** The kernel's own number of it, never given twice; empty where the kernel has none. */
  cookie: z.string().default(""),
  mounted: z.boolean(),
  ...tables,
});

const sandbox = z.looseObject({
  id: z.string(),
  podUid: z.string(),
  namespace: z.string(),
  name: z.string(),
  attempt: z.number(),
  state: z.string(),
  netnsPath: z.string(),
  addresses: z.array(z.string()),
  createdAt: z.string(),
});

const file = z.looseObject({
  path: z.string(),
  type: z.enum(["file", "directory", "link", "other"]),
  mode: z.string(),
  size: z.number(),
  sha256: z.string().optional(),
  content: z.string().optional(),
  contentBase64: z.string().optional(),
  truncated: z.boolean().optional(),
  target: z.string().optional(),
});

/** @see net/api-lease.ts */
const apiLease = z.strictObject({
  store: z.string(),
  object: z.string(),
  network: z.string(),
  address: z.string(),
  containerId: z.string(),
  node: z.string().optional(),
});

const anyObject = z.record(z.string(), z.unknown());

export const nodeStateSchema = z.looseObject({
  version: z.literal(1),
  node: z.string(),
  takenAt: z.string(),
  durationMs: z.number(),
  netnsInode: z.number(),
  parts: z.array(z.string()),
  ...tables,
  nft: z.looseObject({ nftables: z.array(anyObject) }).default({ nftables: [] }),
  iptables: z.record(z.string(), z.string()).default({}),
  qdiscs: z.array(anyObject).default([]),
  filters: z.array(anyObject).default([]),
  bridge: z
    .looseObject({ ports: listOf(anyObject), fdb: listOf(anyObject), vlans: listOf(anyObject) })
    .default({ ports: [], fdb: [], vlans: [] }),
  namespaces: z.array(namespace).default([]),
  sandboxes: z.array(sandbox).default([]),
  files: z.array(file).default([]),
  /** What the API holds for this node's containers; the agent does not tell it. */
  apiLeases: z.array(apiLease).default([]),
  errors: z.array(z.looseObject({ part: z.string(), message: z.string() })),
  timingsMs: z.record(z.string(), z.number()),
  end: z.literal(STATE_SENTINEL),
});

/** The network state of one node at one time, as iproute2, nft, the runtime and the files tell it. */
export type NodeState = z.output<typeof nodeStateSchema>;
/** A named network namespace with what is inside. */
export type NodeNamespace = z.output<typeof namespace>;
/** What is read alike on the node itself and in every named namespace. */
export type NetworkTables = Pick<NodeNamespace, keyof typeof tables>;
export type NodeLink = z.output<typeof link>;
export type NodeRoute = z.output<typeof route>;
export type NodeSandbox = z.output<typeof sandbox>;
export type NodeFile = z.output<typeof file>;

/** The parts that the agent can read by itself. */
export type StatePart =
  | "links"
  | "routes"
  | "neighbours"
  | "rules"
  | "nft"
  | "iptables"
  | "tc"
  | "bridge"
  | "sysctls"
  | "namespaces"
  | "sandboxes"
  | "files";
