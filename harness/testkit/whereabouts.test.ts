import { expect } from "chai";
import type { KubeObject, KubeQuery, KubeRef } from "../kube/client.ts";
import { network, type Ipam, type LiveNetwork } from "./declare-network.ts";
import { loseEntry, ofNetwork, readWhereabouts, removePools } from "./whereabouts.ts";

const GROUP = "whereabouts.cni.cncf.io/v1alpha1";

const pool = (name: string, range: string, offset = "1"): KubeObject => ({
  apiVersion: GROUP,
  kind: "IPPool",
  metadata: { name, namespace: "kube-system" },
  spec: { range, allocations: { [offset]: { id: "c", podref: "ns/p", ifname: "net1" } } },
});

const reservation = (name: string): KubeObject => ({
  apiVersion: GROUP,
  kind: "OverlappingRangeIPReservation",
  metadata: { name, namespace: "kube-system" },
  spec: { podref: "ns/p", ifname: "net1" },
});

/** An API that has these objects, and remembers what it was asked to delete. */
function kubeWith(...objects: readonly KubeObject[]) {
  const deleted: string[] = [];
  return {
    deleted,
    list: async ({ kind }: KubeQuery) => objects.filter((object) => object.kind === kind),
    delete: async ({ kind, name }: KubeRef) => void deleted.push(`${kind} ${name}`),
  };
}

function live(range: string, ipam: Ipam = "whereabouts"): LiveNetwork {
  return {
    declaration: network("n", { type: "bridge", ipam }),
    range,
    range6: "fd00:7::/64",
  } as unknown as LiveNetwork;
}

describe("what whereabouts holds", () => {
  const all = [
    pool("10.0.7.0-24", "10.0.7.0/24"),
    pool("10.0.7.64-30", "10.0.7.64/30"),
    pool("red-10.0.0.0-15", "10.0.0.0/15", "2047"),
    pool("fd00-7---64", "fd00:7::/64"),
    pool("10.0.8.0-24", "10.0.8.0/24"),
    reservation("10.0.7.1"),
    reservation("red-10.0.7.255"),
    reservation("10.0.8.1"),
  ];

  it("of a network is what has addresses of its ranges, whatever pools they are in", async () => {
    const { entries, reservations } = ofNetwork(await readWhereabouts(kubeWith(...all)), live("10.0.7.0/24"));
    expect(entries.map(({ address }) => address)).to.deep.equal(["10.0.7.1", "10.0.7.65", "10.0.7.255", "fd00:7::1"]);
    expect(reservations.map(({ name }) => name)).to.deep.equal(["10.0.7.1", "red-10.0.7.255"]);
  });

  it("goes with the networks, pools that are wider than they are included, and nothing else does", async () => {
    const kube = kubeWith(...all);
    await removePools(kube, [live("10.0.7.0/24")]);
    expect(kube.deleted).to.deep.equal([
      "IPPool 10.0.7.0-24",
      "IPPool 10.0.7.64-30",
      "IPPool red-10.0.0.0-15",
      "IPPool fd00-7---64",
      "OverlappingRangeIPReservation 10.0.7.1",
      "OverlappingRangeIPReservation red-10.0.7.255",
    ]);
  });

  it("is not even asked for where no network has its addresses of whereabouts", async () => {
    const never = { list: () => Promise.reject(new Error("asked")), delete: () => Promise.reject(new Error("asked")) };
    await removePools(never, [live("10.0.7.0/24", "host-local")]);
  });

  it("loses an entry by the place that it has in its pool", async () => {
    const patches: unknown[] = [];
    const kube = {
      patch: async (ref: KubeRef, body: unknown) => {
        patches.push([ref.name, ref.namespace, body]);
        return reservation("any");
      },
    };
    const [entry] = (await readWhereabouts(kubeWith(pool("10.0.7.0-24", "10.0.7.0/24", "9")))).entries;
    if (entry) await loseEntry(kube, entry);
    expect(patches).to.deep.equal([["10.0.7.0-24", "kube-system", [{ op: "remove", path: "/spec/allocations/9" }]]]);
  });
});
