import { expect } from "chai";
import type { PoolEntry, WhereaboutsStore } from "../net/whereabouts-store.ts";
import { identityOfSandboxes } from "./identity.ts";
import { poolResidue } from "./pool-residue.ts";

const identity = identityOfSandboxes(
  { namespace: "ns", name: "p", uid: "u" },
  { node: "n", sandboxIds: ["old", "older"], attachments: [] },
);

function entry(containerId: string, offset: number): PoolEntry {
  const address = `10.0.0.${offset}`;
  const place = { pool: "10.0.0.0-24", range: "10.0.0.0/24", offset: `${offset}`, address, reservation: address };
  return { ...place, containerId, podRef: "ns/p", ifname: "net1" };
}

const reservation = (name: string, podRef = "ns/p") => ({ name, podRef, ifname: "net1" });

const keys = (store: WhereaboutsStore): readonly string[] => poolResidue(identity, store).map(({ key }) => key);

describe("poolResidue", () => {
  it("is every entry of a sandbox of the pod, and what is reserved under its name", () => {
    const items = poolResidue(identity, {
      entries: [entry("old", 1), entry("older", 2), entry("another", 3)],
      reservations: [reservation("10.0.0.1"), reservation("10.0.0.9", "ns/q")],
    });
    for (const item of items) expect(item).to.include({ kind: "lease", inApi: true });
    expect(items.map(({ key, names }) => `${key} by ${names}`)).to.deep.equal([
      "ippools/10.0.0.0-24/1 by sandbox old",
      "ippools/10.0.0.0-24/2 by sandbox older",
      "overlappingrangeipreservations/10.0.0.1 by pod ns/p",
    ]);
  });

  it("leaves out what a pod of the same name holds that has come since", () => {
    const entries = [entry("new", 1)];
    expect(keys({ entries, reservations: [reservation("10.0.0.1")] })).to.deep.equal([]);
    expect(keys({ entries, reservations: [reservation("10.0.0.2")] }), "but not what it does not hold").to.deep.equal([
      "overlappingrangeipreservations/10.0.0.2",
    ]);
  });
});
