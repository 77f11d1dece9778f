import { expect } from "chai";
import fc from "fast-check";
import { diffStates, type LedgerItem } from "./ledger.ts";
import { loadLedgerRules } from "./ledger-rules.ts";
import { FOUNDATION, OPERATIONS, ScratchModel, type Expected, type Step } from "./scratch-model.test-support.ts";
import { buildProgram, ScratchNode } from "./scratch-node.test-support.ts";

const rules = loadLedgerRules();

interface Observed {
  readonly items: readonly LedgerItem[];
  readonly expected: readonly string[];
}

/** The differences that the model foresees, as `change kind key`. */
function foreseen(before: Expected, after: Expected): readonly string[] {
  const common = [...before].filter(([id]) => id.startsWith("netns ") && after.get(id) === before.get(id));
  const names = new Set(common.map(([id]) => id.slice("netns ".length)));
  const ids = [...new Set([...before.keys(), ...after.keys()])];
  const lines = ids.flatMap((id) => {
    const inside = /^\S+ (cni-\d)\//.exec(id)?.[1];
    if (inside !== undefined && !names.has(inside)) return [];
    const [was, is] = [before.get(id), after.get(id)];
    if (was === is) return [];
    if (id.startsWith("sysctl") && (was === undefined || is === undefined)) return [];
    return [`${was === undefined ? "added" : is === undefined ? "removed" : "changed"} ${id}`];
  });
  return lines.toSorted();
}

/** The differences that were told, without volatile ones, in the model's words. */
function told(items: readonly LedgerItem[]): readonly string[] {
  return items
    .filter((item) => item.class !== "volatile")
    .map((item) => {
      const thing = (item.after ?? item.before) as { comment?: string; element?: unknown };
      // the model does not know the fingerprint that ends these keys
      const key = item.key.replace(/ [0-9a-f]{12}$/, "");
      const more =
        item.kind === "nft-rule" ? ` ${thing.comment}` : item.kind === "nft-element" ? ` ${String(thing.element)}` : "";
      return `${item.change} ${item.kind} ${key}${more}`;
    })
    .toSorted();
}

describe("the ledger on a real kernel", function () {
  this.timeout(300_000);
  let agent = "";
  before(async () => {
    agent = await buildProgram("agent");
  });

  async function observe(first: readonly Step[], second: readonly Step[]): Promise<Observed> {
    const node = await ScratchNode.create(agent);
    try {
      const model = new ScratchModel(node);
      await node.script([...FOUNDATION, ...first.flatMap((step) => model.apply(step))]);
      const [before, expectedBefore] = [await node.read(), model.expected()];
      await node.script(second.flatMap((step) => model.apply(step)));
      const items = diffStates(before, await node.read(), rules);
      return { items, expected: foreseen(expectedBefore, model.expected()) };
    } finally {
      await node.remove();
    }
  }

  const steps = fc.array(fc.record({ operation: fc.constantFrom(...OPERATIONS), a: fc.nat(11), b: fc.nat(11) }), {
    minLength: 5,
    maxLength: 30,
  });

  it("tells random changes exactly: nothing missing, nothing more", async () => {
    await fc.assert(
      fc.asyncProperty(steps, steps, async (first, second) => {
        const { items, expected } = await observe(first, second);
        const lines = told(items);
        const missing = expected.filter((line) => !lines.includes(line));
        const more = items.filter((item) => told([item]).some((line) => !expected.includes(line)));
        expect(lines, JSON.stringify({ missing, more })).to.deep.equal(expected);
      }),
      {
        numRuns: Number(process.env["PLUMBLINE_PROPERTY_RUNS"] ?? 12),
        seed: Number(process.env["PLUMBLINE_PROPERTY_SEED"] ?? 20_261_125),
        endOnFailure: true,
      },
    );
  });

  // Two of each, so that something of every kind stands at the end.
  const everything: readonly Step[] = OPERATIONS.filter((o) => !o.startsWith("delete")).flatMap((operation) => [
    { operation, a: 0, b: 1 },
    { operation, a: 1, b: 2 },
  ]);
  const KINDS = [
    "link",
    "address",
    "route",
    "rule",
    "neighbour",
    "fdb",
    "bridge-port",
    "qdisc",
    "iptables-rule",
    "iptables-chain",
    "nft-rule",
    "nft-element",
    "file",
    "netns",
  ] as const;

  it("would notice if one kind of thing were not told", async () => {
    const { items, expected } = await observe([], everything);
    expect(told(items)).to.deep.equal(expected);
    for (const kind of KINDS) {
      const withoutKind = items.filter((item) => item.kind !== kind);
      expect(withoutKind.length, `${kind} occurs`).to.be.lessThan(items.length);
      expect(told(withoutKind), `without ${kind}`).not.to.deep.equal(expected);
    }
  });

  it("finds an unchanged node unchanged", async () => {
    const { items } = await observe(everything, []);
    expect(told(items)).to.deep.equal([]);
  });

  it("reads a node with 20 namespaces in well under a second", async () => {
    const node = await ScratchNode.create(agent);
    try {
      await node.script(Array.from({ length: 20 }, (_, i) => node.addNamespaceLines(`n${i}`)).flat());
      const state = await node.read();
      expect(state.namespaces).to.have.length(20);
      // of Linux 5.14 and later
      expect(new Set(state.namespaces.map(({ cookie }) => cookie)), "different cookies").to.have.property("size", 20);
      expect(state.durationMs).to.be.lessThan(3_000);
    } finally {
      await node.remove();
    }
  });
});
