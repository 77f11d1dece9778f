import { expect } from "chai";
import { loadFaults, type CallFault, type CallPart, type Fault, type NodeFault } from "../nodes/fault.ts";
import { casesOf, groupFaults } from "./group-faults.ts";

const part = (own: Partial<CallPart> = {}): CallPart => ({
  target: "bridge",
  verbs: ["ADD"],
  when: {},
  change: { exitCode: 1 },
  ...own,
});

function fault(id: string, own: Partial<CallPart> & Partial<Omit<CallFault, "parts">> = {}): CallFault {
  const { target, verbs, when, change, ...rest } = { ...part(), ...own };
  return {
    id,
    title: "a fault of the tests",
    parts: [{ target, verbs, when, change }],
    noticedBy: [{ case: `${id.toUpperCase()}-001`, assertions: [] }],
    ...rest,
  };
}

const grouped = (...faults: readonly Fault[]): string[][] =>
  groupFaults(faults).map((group) => group.map(({ id }) => id));

describe("groupFaults", () => {
  it("puts together what is about different binaries or different verbs", () => {
    expect(grouped(fault("a"), fault("b", { target: "macvlan" }), fault("c", { verbs: ["DEL"] }))).to.deep.equal([
      ["a", "b", "c"],
    ]);
  });

  it("puts a fault of the nodes to any other that another case notices", () => {
    const command = ["true"];
    const onNodes: NodeFault["onNodes"] = { which: "each", state: command, plant: command, undo: command };
    const node: NodeFault = {
      id: "n",
      title: "a fault of the tests",
      onNodes,
      noticedBy: [{ case: "B-001", assertions: [] }],
    };
    expect(grouped(fault("a"), node, fault("b", { target: "macvlan" }))).to.deep.equal([["a", "n"], ["b"]]);
  });

  it("keeps apart what a call may match twice", () => {
    const narrowed = fault("b", { when: { network: "net-a-.*" } });
    expect(grouped(fault("a"), narrowed)).to.deep.equal([["a"], ["b"]]);
    expect(grouped(fault("a", { when: { network: "net-.*" } }), narrowed)).to.deep.equal([["a"], ["b"]]);
    expect(grouped(fault("a", { when: { network: "x|net-a-1" } }), narrowed)).to.deep.equal([["a"], ["b"]]);
    expect(grouped(fault("a", { when: { network: "nets?.*" } }), narrowed)).to.deep.equal([["a"], ["b"]]);
  });

  it("keeps apart faults of which any part speaks of the same calls", () => {
    const several = { ...fault("b"), parts: [part({ target: "macvlan" }), part({ target: "ptp", verbs: ["DEL"] })] };
    expect(grouped(fault("a"), several)).to.deep.equal([["a", "b"]]);
    expect(grouped(fault("a", { target: "ptp", verbs: ["DEL"] }), several)).to.deep.equal([["a"], ["b"]]);
  });

  it("puts together what is narrowed to different pods or networks", () => {
    const one = fault("a", { when: { podName: "one-.*" } });
    const two = fault("b", { when: { podName: "two-.*" } });
    expect(grouped(one, two)).to.deep.equal([["a", "b"]]);
  });

  it("puts nothing to what asks to be alone", () => {
    const other = fault("b", { target: "macvlan" });
    expect(grouped(fault("a", { alone: true }), other)).to.deep.equal([["a"], ["b"]]);
    expect(grouped(other, fault("c", { target: "ptp", alone: true }))).to.deep.equal([["b"], ["c"]]);
  });

  it("keeps apart what one case is to notice", () => {
    const other = fault("b", { target: "macvlan", noticedBy: [{ case: "A-001", assertions: [] }] });
    expect(grouped(fault("a"), other)).to.deep.equal([["a"], ["b"]]);
  });

  it("leaves no fault of the project out, and lets no case notice two of a group", () => {
    const faults = loadFaults();
    const groups = groupFaults(faults);
    expect(
      groups
        .flat()
        .map(({ id }) => id)
        .toSorted(),
    ).to.deep.equal(faults.map(({ id }) => id).toSorted());
    for (const group of groups) {
      const cases = group.flatMap((member) => [...new Set(casesOf(member))]);
      expect(cases, group.map(({ id }) => id).join(", ")).to.have.length(new Set(cases).size);
    }
  });
});
