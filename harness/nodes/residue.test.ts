import { expect } from "chai";
import { identifyPod, mergeIdentities } from "./identity.ts";
import { cniNames } from "./cni-names.ts";
import { leasesOf } from "./leases.ts";
import { isNamedByAddress } from "./naming.ts";
import { aliveState, OTHER_SANDBOX, otherPod, POD, SANDBOX, stateWith } from "./pod-fixture.test-support.ts";
import { liveAddressesOf, residueOf } from "./residue.ts";
import type { NodeState } from "./state.ts";

const identity = identifyPod(aliveState(), POD);
const { masqueradeChain, portmapChain, shapingDevice, masqueradeComment } = cniNames({
  network: "net-a",
  containerId: SANDBOX,
  ifname: "net1",
});

/** Kinds and keys of what is left, with how it names the pod. */
function left(state: NodeState): readonly string[] {
  const liveAddresses = liveAddressesOf(state, { except: [POD.uid] });
  return residueOf(identity, state, { liveAddresses }).map((item) => `${item.kind} ${item.key}: ${item.names}`);
}

const lease = (content: string) => ({
  path: "/var/lib/cni/networks/net-a/10.1.1.2",
  type: "file",
  mode: "0644",
  size: content.length,
  content,
});

describe("cniNames", () => {
  it("computes what the reference plugins compute", () => {
    // printed by pkg/utils of the plugins module itself
    const names = cniNames({ network: "net-a", containerId: "0123456789abcdef", ifname: "net1" });
    expect(names).to.deep.equal({
      masqueradeChain: "CNI-511b3d52cb6a4c41de25cec5",
      portmapChain: "CNI-DN-511b3d52cb6a4c41de25c",
      shapingDevice: "bwp511b3d52cb6a",
      masqueradeComment: "a77a08d9e52331f4-0672c13cc3fdd067",
      spoofCheck: "0123456789abcdef-net1",
    });
  });
});

describe("identifyPod", () => {
  it("finds interfaces with their ends on the host", () => {
    const seen = identity.interfaces.map(({ name, mac, ifindex, hostPeerIfindex, hostPeerName }) => ({
      name,
      mac,
      ifindex,
      hostPeerIfindex,
      hostPeerName,
    }));
    expect(seen).to.deep.equal([
      { name: "eth0", mac: "02:00:00:00:00:0e", ifindex: 2, hostPeerIfindex: 11, hostPeerName: "vethaa" },
      { name: "net1", mac: "02:00:00:00:00:01", ifindex: 3, hostPeerIfindex: 12, hostPeerName: "vethab" },
    ]);
  });

  it("collects sandboxes, namespace, addresses and attachments, and survives an unreadable cache file", () => {
    expect(identity.sandboxIds).to.deep.equal([SANDBOX]);
    expect(identity.netns).to.deep.equal([
      { name: "cni-a", path: "/run/netns/cni-a", inode: 4_026_532_001, cookie: "4097" },
    ]);
    expect(identity.addresses).to.deep.equal(["10.244.1.5", "10.1.1.2"]);
    expect(identity.attachments.map((a) => `${a.network} ${a.ifname}`)).to.deep.equal(["cluster eth0", "net-a net1"]);
    expect(identity.chains).to.include.members([masqueradeChain, portmapChain]);
    expect(identity.shapingDevices).to.include(shapingDevice);
    expect(identity.files).to.have.length(4);
  });

  it("takes nobody else for the pod", () => {
    const stranger = identifyPod(aliveState(), { ...POD, uid: "uid-x" });
    expect([stranger.sandboxIds, stranger.interfaces, stranger.addresses]).to.deep.equal([[], [], []]);
  });

  it("keeps what either of two looks saw", () => {
    const later = identifyPod(stateWith({}), POD);
    expect(mergeIdentities(identity, later).sandboxIds).to.deep.equal([SANDBOX]);
    expect(mergeIdentities(identity, identity)).to.deep.equal(identity);
  });
});

describe("residueOf", () => {
  it("finds nothing on a clean node, though host-local remembers the last address", () => {
    const bookkeeping = { ...lease("10.1.1.2"), path: "/var/lib/cni/networks/net-a/last_reserved_ip.0" };
    expect(left(stateWith({ files: [bookkeeping] }))).to.deep.equal([]);
  });

  it("finds everything while the pod still lives", () => {
    const kinds = new Set(left(aliveState()).map((line) => line.split(" ")[0]));
    expect([...kinds]).to.have.members(["cni-cache", "lease", "link", "netns", "sandbox"]);
  });

  it("finds a lease by its container, and by its address while nobody live owns it", () => {
    const path = "/var/lib/cni/networks/net-a/10.1.1.2";
    expect(left(stateWith({ files: [lease(`${SANDBOX}\r\nnet1`)] }))).to.deep.equal([
      `lease ${path}: sandbox ${SANDBOX}`,
    ]);
    expect(left(stateWith({ files: [lease("nobody\r\nnet1")] }))).to.deep.equal([`lease ${path}: address 10.1.1.2`]);
    const reused = { files: [lease(`${OTHER_SANDBOX}\r\nnet1`)], ...otherPod("10.1.1.2") };
    expect(left(stateWith(reused))).to.deep.equal([]);
  });

  it("finds what an IPAM keeps in the API by its container, and by its address while nobody live owns it", () => {
    const held = (containerId: string, address = "10.244.1.5") =>
      stateWith({ apiLeases: [{ store: "calico", object: "IPAMBlock b", network: "cluster", address, containerId }] });
    const key = "lease calico:/networks/cluster/10.244.1.5";
    expect(left(held(SANDBOX))).to.deep.equal([`${key}: sandbox ${SANDBOX}`]);
    expect(left(held("2d".repeat(32)))).to.deep.equal([`${key}: address 10.244.1.5`]);
    expect(left(held("2d".repeat(32), "10.244.1.6"))).to.deep.equal([]);
    const { apiLeases } = held(OTHER_SANDBOX);
    expect(left(stateWith({ ...otherPod("10.244.1.5"), apiLeases }))).to.deep.equal([]);
    expect(left(held(SANDBOX, ""))).to.deep.equal([`lease calico:/networks/cluster/IPAMBlock/b: sandbox ${SANDBOX}`]);
  });

  it("tells what hangs on an address alone, which a live pod may hold", () => {
    const byAddress = (content: string) => {
      const items = residueOf(identity, stateWith({ files: [lease(content)] }), { liveAddresses: new Set() });
      return items.map(isNamedByAddress);
    };
    expect(byAddress("nobody\r\nnet1")).to.deep.equal([true]);
    expect(byAddress(`${SANDBOX}\r\nnet1`)).to.deep.equal([false]);
  });

  it("counts a host route to the pod's address only while no live pod has it", () => {
    const routes = [{ type: "unicast", dst: "10.1.1.2", dev: "veth99", table: "main", flags: [] }];
    expect(left(stateWith({ routes }))).to.deep.equal(["route 4 10.1.1.2 dev veth99 table main: address 10.1.1.2"]);
    expect(left(stateWith({ routes, ...otherPod("10.1.1.2") }))).to.deep.equal([]);
    expect(left(stateWith({ routes, ...otherPod("10.1.1.3") }))).to.have.length(1);
  });

  it("does not take a network for an address in it", () => {
    const routes = [
      { type: "unicast", dst: "10.1.1.0/24", dev: "br1", table: "main" },
      { type: "unicast", dst: "10.1.1.20", dev: "br1", table: "main" },
    ];
    expect(left(stateWith({ routes }))).to.deep.equal([]);
  });

  it("leaves learned neighbours to age, and names permanent ones", () => {
    const neighbour = (state: string) => ({ dst: "10.1.1.2", dev: "br1", lladdr: "02:00:00:00:00:01", state: [state] });
    for (const state of ["STALE", "REACHABLE", "FAILED", "DELAY"]) {
      expect(left(stateWith({ neighbours: [neighbour(state)] })), state).to.deep.equal([]);
    }
    expect(left(stateWith({ neighbours: [neighbour("PERMANENT")] }))).to.deep.equal([
      "neighbour 10.1.1.2 br1: address 10.1.1.2",
    ]);
  });

  it("names the host's end by index or name, an interface that came back by its MAC, and the shaping device", () => {
    const link = (fields: Record<string, unknown>) => ({
      ifindex: 50,
      ifname: "x0",
      flags: ["UP"],
      mtu: 1500,
      ...fields,
    });
    const one = (fields: Record<string, unknown>) => left(stateWith({ links: [link(fields)] }));
    expect(one({ ifindex: 12 })).to.deep.equal(["link x0: host end of net1"]);
    expect(one({ ifname: "vethaa" })).to.deep.equal(["link vethaa: host end of eth0"]);
    expect(one({ address: "02:00:00:00:00:01" })).to.deep.equal(["link x0: MAC 02:00:00:00:00:01 of net1"]);
    expect(one({ ifname: shapingDevice })).to.deep.equal([`link ${shapingDevice}: shaping device ${shapingDevice}`]);
    expect(one({})).to.deep.equal([]);
  });

  it("names chains and rules by computed name, container and address, but not what is there for all", () => {
    const nft4 = [
      "*nat",
      ":POSTROUTING ACCEPT [0:0]",
      ":CNI-HOSTPORT-DNAT - [0:0]",
      `:${masqueradeChain} - [0:0]`,
      "-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT",
      `-A POSTROUTING -s 10.9.9.9/32 -m comment --comment "name: \\"net-a\\" id: \\"${SANDBOX}\\"" -j X`,
      "-A CNI-HOSTPORT-DNAT -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.1.1.2:80",
      "-A POSTROUTING -s 10.1.1.0/24 -j MASQUERADE",
      "COMMIT",
    ].join("\n");
    expect(left(stateWith({ iptables: { nft4 } })).map((line) => line.split(": ").at(-1))).to.deep.equal([
      `name ${masqueradeChain}`,
      `sandbox ${SANDBOX}`,
      "address 10.1.1.2",
    ]);
  });

  it("names nftables rules by their comment", () => {
    const comment = `${masqueradeComment}, net: net-a, if: net1, id: ${SANDBOX.slice(0, 20)}`;
    const rule = {
      family: "inet",
      table: "cni_plugins_masquerade",
      chain: "masq_checks",
      handle: 3,
      comment,
      expr: [],
    };
    expect(left(stateWith({ nft: { nftables: [{ rule }] } }))).to.have.length(1);
    expect(left(stateWith({ nft: { nftables: [{ rule: { ...rule, comment: "other" } }] } }))).to.have.length(0);
  });

  it("takes a namespace of the same inode for another one if its cookie differs", () => {
    const [own] = identity.netns;
    const named = { name: "cni-z", path: "/run/netns/cni-z", inode: own?.inode, mounted: true };
    expect(left(stateWith({ namespaces: [{ ...named, cookie: own?.cookie }] }))).to.have.length(1);
    expect(left(stateWith({ namespaces: [{ ...named, cookie: "9" }] }))).to.deep.equal([]);
  });

  it("counts an inode only while nobody else has the namespace", () => {
    const [inode] = identity.netns.map((n) => n.inode);
    const orphan = { name: "cni-z", path: "/run/netns/cni-z", inode, mounted: true };
    expect(left(stateWith({ namespaces: [orphan] }))).to.deep.equal([`netns cni-z: inode ${inode}`]);
    const scratch = { ...orphan, name: "plinv-7-x-1", path: "/run/netns/plinv-7-x-1" };
    expect(left(stateWith({ namespaces: [scratch] }))).to.deep.equal([]);
    expect(left(stateWith(otherPod("10.1.1.9")))).to.deep.equal([]);
  });

  it("keeps its judgement from files that belong to the cluster", () => {
    const config = { ...lease("10.1.1.2"), path: "/etc/cni/net.d/10-a.conflist" };
    expect(left(stateWith({ files: [config] }))).to.deep.equal([]);
  });
});

describe("leasesOf", () => {
  it("reads what the API holds as leases of the cluster network's interface", () => {
    const apiLeases = [
      { store: "calico", object: "IPAMBlock b", network: "n", address: "10.244.1.5", containerId: SANDBOX, node: "w" },
      { store: "calico", object: "IPAMHandle h", network: "n", address: "", containerId: SANDBOX },
    ];
    expect(leasesOf(stateWith({ apiLeases }))).to.deep.equal([
      {
        path: "calico:/networks/n/10.244.1.5",
        network: "n",
        address: "10.244.1.5",
        containerId: SANDBOX,
        ifname: "eth0",
      },
    ]);
  });

  it("reads host-local's files in both spellings of IPv6", () => {
    const files = ["fd00::2", "fd00__3", "lock", "last_reserved_ip.0"].map((name) => ({
      ...lease("c1\r\nnet1"),
      path: `/var/lib/cni/networks/net-a/${name}`,
    }));
    const seen = leasesOf(stateWith({ files })).map(({ address, containerId, ifname }) => ({
      address,
      containerId,
      ifname,
    }));
    expect(seen).to.deep.equal([
      { address: "fd00::2", containerId: "c1", ifname: "net1" },
      { address: "fd00::3", containerId: "c1", ifname: "net1" },
    ]);
  });
});
