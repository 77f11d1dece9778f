import { expect } from "chai";
import type { ResidueItem } from "../nodes/residue.ts";
import type { TestPod } from "./test-pod.ts";
import { fileKeysOf, isKnownResidue, keysOf, onlyFiles, settledMs } from "./what-is-left.ts";

const LEASE: ResidueItem = { kind: "lease", key: "/var/lib/cni/networks/n/10.1.1.7", what: "", names: "sandbox 1" };
const LINK: ResidueItem = { kind: "link", key: "veth1", what: "", names: "its host end of eth0" };
const OTHER: ResidueItem = { kind: "link", key: "veth2", what: "", names: "its host end of net1" };
const known = [
  {
    assertion: "TD-001/no-residue",
    observed: { each: '"key":"/var/lib/cni/networks/n/|"names":"[^"]*host end of eth0"' },
  },
];
const isKnown = (items: readonly ResidueItem[], deleted: "normal" | "forced" = "normal"): boolean =>
  isKnownResidue(known, { items, deleted });

describe("isKnownResidue", () => {
  it("is so where all of it is known and some of it is a file, which nothing will remove", () => {
    expect(isKnown([LEASE, LINK])).to.equal(true);
    expect(isKnown([])).to.equal(true);
  });

  it("is not so beside anything else", () => expect(isKnown([LEASE, LINK, OTHER])).to.equal(false));

  it("is not so of links alone: the kernel may be about to take them", () => expect(isKnown([LINK])).to.equal(false));

  it("is not so of another way of deleting than the one that is known", () =>
    expect(isKnown([LEASE, LINK], "forced")).to.equal(false));

  it("is not so as long as nothing is known", () =>
    expect(isKnownResidue([], { items: [LEASE, LINK], deleted: "normal" })).to.equal(false));
});

describe("what is left", () => {
  const left = (...items: readonly ResidueItem[]) => new Map([[{ deleted: "normal" } as TestPod, items]]);

  it("is final at once when the kubelet has let the pod go, later by force, and last in the API", () => {
    const forced = new Map([...left(LEASE), [{ deleted: "forced" } as TestPod, [LEASE]]]);
    expect(settledMs(left(LEASE))).to.equal(0);
    expect(settledMs(forced)).to.be.greaterThan(0);
    expect(settledMs(left(LEASE, { ...LEASE, inApi: true }))).to.be.greaterThan(settledMs(forced));
  });

  it("is files alone, or not", () => {
    expect([onlyFiles(left(LEASE)), onlyFiles(left(LEASE, LINK))]).to.deep.equal([true, false]);
  });

  it("has the same files when the kernel has taken a link", () => {
    expect(fileKeysOf(left(LEASE, LINK))).to.equal(fileKeysOf(left(LEASE)));
    expect(keysOf(left(LEASE, LINK))).to.not.equal(keysOf(left(LEASE)));
  });

  it("is the same in any order", () => expect(keysOf(left(LEASE, LINK))).to.equal(keysOf(left(LINK, LEASE))));
});
