import { nodeStateSchema, STATE_SENTINEL, type NodeState } from "./state.ts";

// A node with one pod on the cluster network (a veth of ptp) and on a bridge network, in the form that the tools print,
// cut down to what matters. Recorded once, then given short names.
export const SANDBOX = "0f".repeat(32);
export const OTHER_SANDBOX = "1e".repeat(32);
export const POD = { namespace: "ns-a", name: "pod-a", uid: "uid-a" };

const cache = (network: string, ifname: string, address: string): string =>
  JSON.stringify({
    kind: "cniCacheV1",
    containerId: SANDBOX,
    config: Buffer.from(JSON.stringify({ name: network, cniVersion: "1.0.0" })).toString("base64"),
    ifName: ifname,
    networkName: network,
    result: {
      cniVersion: "1.0.0",
      interfaces: [{ name: ifname, mac: "02:00:00:00:00:01", sandbox: "/var/run/netns/cni-a" }],
      ips: [{ address, interface: 0 }],
    },
  });

const file = (path: string, content: string) => ({ path, type: "file", mode: "0600", size: content.length, content });
const veth = (ifindex: number, ifname: string, peer: number) => ({
  ifindex,
  link_index: peer,
  link: null,
  ifname,
  flags: ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"],
  mtu: 1500,
  address: `02:00:00:00:01:0${ifindex % 10}`,
  link_netnsid: 0,
  linkinfo: { info_kind: "veth" },
});
const addresses = (ifindex: number, ifname: string, ...locals: string[]) => ({
  ifindex,
  ifname,
  addr_info: locals.map((local) => ({ family: local.includes(":") ? "inet6" : "inet", local, prefixlen: 24 })),
});

const namespaceOfPod = {
  name: "cni-a",
  path: "/run/netns/cni-a",
  inode: 4_026_532_001,
  cookie: "4097",
  mounted: true,
  links: [
    { ifindex: 1, ifname: "lo", flags: ["LOOPBACK", "UP"], mtu: 65_536 },
    { ...veth(2, "eth0", 11), address: "02:00:00:00:00:0e" },
    { ...veth(3, "net1", 12), address: "02:00:00:00:00:01" },
  ],
  addresses: [
    addresses(1, "lo", "127.0.0.1"),
    addresses(2, "eth0", "10.244.1.5", "fe80::1"),
    addresses(3, "net1", "10.1.1.2"),
  ],
};

const sandboxOf = (id: string, uid: string, netns: string) => ({
  id,
  podUid: uid,
  namespace: "ns-a",
  name: uid.replace("uid", "pod"),
  attempt: 0,
  state: "ready",
  netnsPath: netns,
  addresses: [],
  createdAt: "2026-01-01T00:00:00Z",
});

const base = {
  version: 1,
  node: "node-1",
  takenAt: "2026-01-01T00:00:00Z",
  durationMs: 1,
  netnsInode: 4_026_531_840,
  parts: [],
  errors: [],
  timingsMs: {},
  end: STATE_SENTINEL,
  links: [
    {
      ifindex: 2,
      ifname: "br1",
      flags: ["UP"],
      mtu: 1500,
      address: "02:00:00:00:01:02",
      linkinfo: { info_kind: "bridge" },
    },
  ],
  addresses: [addresses(2, "br1", "10.1.1.1")],
};

/** Fields of a state as the agent writes it; anything may be replaced. */
export function stateWith(fields: Record<string, unknown>): NodeState {
  return nodeStateSchema.parse({ ...base, ...fields });
}

/** The node while the pod lives. */
export function aliveState(): NodeState {
  return stateWith({
    links: [...base.links, veth(11, "vethaa", 2), { ...veth(12, "vethab", 3), master: "br1" }],
    namespaces: [namespaceOfPod],
    sandboxes: [sandboxOf(SANDBOX, POD.uid, "/var/run/netns/cni-a"), sandboxOf("host", "uid-host", "")],
    files: [
      file(`/var/lib/cni/multus/${SANDBOX}`, "[]"),
      file(`/var/lib/cni/multus/results/cluster-${SANDBOX}-eth0`, cache("cluster", "eth0", "10.244.1.5/24")),
      file(`/var/lib/cni/multus/results/net-a-${SANDBOX}-net1`, cache("net-a", "net1", "10.1.1.2/24")),
      file(`/var/lib/cni/results/multus-cni-network-${SANDBOX}-eth0`, "cut {"),
      file("/var/lib/cni/networks/net-a/10.1.1.2", `${SANDBOX}\r\nnet1`),
      file("/var/lib/cni/networks/net-a/last_reserved_ip.0", "10.1.1.2"),
    ],
  });
}

/** A namespace and sandbox of another pod that has taken the address. */
export function otherPod(address: string): Record<string, unknown> {
  return {
    namespaces: [
      {
        ...namespaceOfPod,
        name: "cni-b",
        path: "/run/netns/cni-b",
        links: [],
        addresses: [addresses(3, "net1", address)],
      },
    ],
    sandboxes: [sandboxOf(OTHER_SANDBOX, "uid-b", "/var/run/netns/cni-b")],
  };
}
