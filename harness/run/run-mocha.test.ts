import { expect } from "chai";
import { AddressPool } from "../net/address-pool.ts";
import { loadNetworkTemplate } from "../config/network-templates.ts";
import type { RunEventBody } from "../results/events.ts";
import { network, pod, testCase, suite } from "../testkit/index.ts";
import { suitesOf } from "../testkit/define.ts";
import type { LaneContext } from "../testkit/lane-context.ts";
import type { EvidenceTaker } from "./evidence-taker.ts";
import { runMocha } from "./run-mocha.ts";

describe("runMocha", () => {
  it("skips a case whose network the kernel cannot make, with the evidence, and starts no pod for it", async () => {
    const onMacvlan = pod("p", [network("m", { type: "macvlan", ipam: "static" })]);
    const suites = await suitesOf(async () => {
      suite("needs", () => {
        const common = { revision: 1, title: "t", layer: "L1", clauses: ["c"], faults: ["f"] } as const;
        testCase({ ...common, id: "ATT-901", pods: { onMacvlan } }, async () => expect.fail("it ran"));
        testCase({ ...common, id: "ATT-902", needs: ["two-workers"], pods: {} }, async () => expect.fail("it ran"));
        testCase({ ...common, id: "ATT-903", needs: ["sriov-s1|sriov-s3"], pods: {} }, async () =>
          expect.fail("it ran"),
        );
      });
    });
    const events: RunEventBody[] = [];
    const applied: unknown[] = [];
    const context = {
      batchTag: "0x0",
      podNodes: ["n1"],
      namespaces: { own: "own", other: "other" },
      podReadyMs: 1_000,
      teardownMs: 1_000,
      nodes: new Map(),
      emit: (event: RunEventBody) => events.push(event),
      kube: { apply: async (objects: unknown[]) => void applied.push(...objects) },
    } as unknown as LaneContext;
    const features = [
      { name: "kernel-macvlan", present: false, evidence: "no macvlan link on n1: Operation not supported" },
      { name: "two-workers", present: false, evidence: "1 node takes pods" },
      { name: "sriov-s1", present: false, evidence: "no VF is allocatable" },
    ];
    await runMocha(suites, { context, evidence: {} as EvidenceTaker, lane: 0, features, stopped: () => undefined });
    const ends = events.flatMap((event) => (event.type === "case-ended" ? [event] : []));
    expect(ends.map(({ caseId, outcome, skip }) => ({ caseId, outcome, skip }))).to.deep.equal([
      {
        caseId: "ATT-901",
        outcome: "skipped",
        skip: {
          code: "SKIP_KERNEL",
          text: "the testbed has no kernel-macvlan: no macvlan link on n1: Operation not supported",
        },
      },
      {
        caseId: "ATT-902",
        outcome: "skipped",
        skip: { code: "SKIP_FEATURE", text: "the testbed has no two-workers: 1 node takes pods" },
      },
      {
        caseId: "ATT-903",
        outcome: "skipped",
        skip: { code: "SKIP_FEATURE", text: "the testbed has no sriov-s1 or sriov-s3: no VF is allocatable" },
      },
    ]);
    expect(applied).to.deep.equal([]);
  });

  it("asks a plugin under test what is meant for its role, and skips the rest", async () => {
    const asked: string[] = [];
    const suites = await suitesOf(async () => {
      suite("roles", () => {
        const common = { revision: 1, title: "t", layer: "L0", clauses: ["c"], faults: ["f"], pods: {} } as const;
        testCase(
          { ...common, id: "CNI-901", asks: ["chained"] },
          async ({ plugins }) => void asked.push(...plugins.names),
        );
        testCase({ ...common, id: "CNI-902", asks: ["interface", "ipam"] }, async () => expect.fail("it ran"));
        testCase({ ...common, id: "CNI-903" }, async () => expect.fail("it ran"));
      });
    });
    const events: RunEventBody[] = [];
    const template = loadNetworkTemplate("tuning");
    const context = {
      batchTag: "0x0",
      podNodes: [],
      namespaces: { own: "own", other: "other" },
      nodes: new Map(),
      podReadyMs: 1_000,
      teardownMs: 1_000,
      emit: (event: RunEventBody) => events.push(event),
      kube: { apply: async () => [] },
      subject: { name: "mine", role: "chained", template, supportedVersions: ["1.0.0"] },
    } as unknown as LaneContext;
    const evidence = {} as EvidenceTaker;
    await runMocha(suites, { context, evidence, lane: 0, features: [], stopped: () => undefined });
    const ends = events.flatMap((event) => (event.type === "case-ended" ? [event] : []));
    expect(asked).to.deep.equal(["mine"]);
    expect(ends.map(({ outcome, skip }) => [outcome, skip?.code, skip?.text])).to.deep.equal([
      ["passed", undefined, undefined],
      ["skipped", "SKIP_PLUGIN_ROLE", "it asks interface and ipam plugins, and mine is of the role chained"],
      ["skipped", "SKIP_PLUGIN_ROLE", "it has nothing to ask mine, which is of the role chained"],
    ]);
  });

  it("tells on which levels of simulated SR-IOV a case ran, and of none where it has no VFs or did not run", async () => {
    const suites = await suitesOf(async () => {
      suite("levels", () => {
        const common = { revision: 1, title: "t", layer: "L0", clauses: ["c"], faults: ["f"], pods: {} } as const;
        testCase({ ...common, id: "SRV-901", needs: ["sriov-s1"] }, async () => undefined);
        testCase({ ...common, id: "SRV-902", needs: ["sriov"] }, async () => undefined);
        testCase({ ...common, id: "SRV-903" }, async () => undefined);
        testCase({ ...common, id: "SRV-905", needs: ["sriov-s1|sriov-s3"] }, async () => undefined);
        testCase({ ...common, id: "SRV-904", needs: ["sriov-s1", "two-workers"] }, async () => expect.fail("it ran"));
      });
    });
    const events: RunEventBody[] = [];
    const context = {
      batchTag: "0x0",
      podNodes: [],
      namespaces: { own: "own", other: "other" },
      nodes: new Map(),
      podReadyMs: 1_000,
      teardownMs: 1_000,
      emit: (event: RunEventBody) => events.push(event),
      kube: { apply: async () => [] },
    } as unknown as LaneContext;
    const features = ["sriov", "sriov-s0", "sriov-s1"].map((name) => ({ name, present: true, evidence: "" }));
    await runMocha(suites, { context, evidence: {} as EvidenceTaker, lane: 0, features, stopped: () => undefined });
    const ends = events.flatMap((event) => (event.type === "case-ended" ? [event] : []));
    expect(ends.map(({ outcome, sriovLevels }) => [outcome, sriovLevels])).to.deep.equal([
      ["passed", ["S1"]],
      ["passed", ["S0", "S1"]],
      ["passed", undefined],
      ["passed", ["S1"]],
      ["skipped", undefined],
    ]);
  });

  it("skips what has not begun when the run is to stop", async () => {
    let why: string | undefined;
    const suites = await suitesOf(async () => {
      suite("stopping", () => {
        const common = { revision: 1, title: "t", layer: "L0", clauses: ["c"], faults: ["f"], pods: {} } as const;
        testCase({ ...common, id: "ATT-903" }, async () => void (why = "ATT-903 was to be the last"));
        testCase({ ...common, id: "ATT-904" }, async () => expect.fail("it ran"));
      });
    });
    const events: RunEventBody[] = [];
    const context = {
      batchTag: "0x0",
      podNodes: [],
      namespaces: { own: "own", other: "other" },
      nodes: new Map(),
      podReadyMs: 1_000,
      teardownMs: 1_000,
      emit: (event: RunEventBody) => events.push(event),
      kube: { apply: async () => [] },
    } as unknown as LaneContext;
    const evidence = {} as EvidenceTaker;
    await runMocha(suites, { context, evidence, lane: 0, features: [], stopped: () => why });
    const ends = events.flatMap((event) => (event.type === "case-ended" ? [event] : []));
    expect(ends.map(({ outcome, skip }) => [outcome, skip?.code])).to.deep.equal([
      ["passed", undefined],
      ["skipped", "SKIP_FAIL_FAST"],
    ]);
  });

  it("tells of what could not be tidied up when all cases have ended and kept their outcomes", async () => {
    const left = network("left", { type: "bridge", ipam: "static", byCase: true });
    const suites = await suitesOf(async () => {
      suite("untidy", () => {
        const common = { revision: 1, title: "t", layer: "L0", clauses: ["c"], faults: ["f"], pods: {} } as const;
        testCase({ ...common, id: "ATT-905", networks: { left } }, async () => {});
      });
    });
    const events: RunEventBody[] = [];
    const pool = new AddressPool({ runId: "r", slices: 1, avoid: [] });
    const node = { node: "n1", exec: async () => Promise.reject(new Error("n1 is away")) };
    const context = {
      batchTag: "0x0",
      podNodes: ["n1"],
      namespaces: { own: "own", other: "other" },
      slice: pool.slice(0),
      masterInterface: "eth0",
      nodes: new Map([["n1", node]]),
      podReadyMs: 1_000,
      teardownMs: 1_000,
      emit: (event: RunEventBody) => events.push(event),
      kube: { apply: async () => [] },
    } as unknown as LaneContext;
    const features = ["bridge", "veth"].map((kind) => ({ name: `kernel-${kind}`, present: true, evidence: "seen" }));
    const evidence = {} as EvidenceTaker;
    const { judged } = await runMocha(suites, { context, evidence, lane: 0, features, stopped: () => undefined });
    const ends = events.flatMap((event) => (event.type === "case-ended" ? [event.outcome] : []));
    expect(ends).to.deep.equal(["passed"]);
    const told = await judged.then(
      () => "nothing",
      (error: unknown) => String(error),
    );
    expect(told).to.contain("n1 is away");
  });
});
