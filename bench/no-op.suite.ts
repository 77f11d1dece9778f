import { suite, testCase } from "../harness/testkit/index.ts";

export const NO_OP_IDS = Array.from({ length: 100 }, (_, i) => `NOP-${String(i + 1).padStart(3, "0")}`);

// What a case costs that asks for nothing: it is in no index, for bench/no-op.ts alone.
suite("nothing at all", () => {
  for (const id of NO_OP_IDS) {
    testCase(
      { id, revision: 1, title: `nothing, ${id}`, layer: "L0", level: "extended", clauses: [], faults: [], pods: {} },
      async ({ claim }) => claim("holds", () => undefined),
    );
  }
});
