import { expect } from "chai";
import {
  exchangeDatagrams,
  network,
  nodeOf,
  pod,
  suite,
  testCase,
  type CaseKube,
  type CaseNode,
  type End,
  type TestPod,
} from "../../harness/testkit/index.ts";

const LABEL = "plumbline.dev/policy";
/** Rules reach a node by way of the API and of an agent there. */
const ENFORCED_MS = 30_000;

const bridged = network("pol-net", { type: "bridge", ipam: "host-local" });
const named = (key: string) => pod(key, [bridged], { group: "pol", labels: { [LABEL]: key } });
const denied = named("pol-denied");
const open = named("pol-open");
const stranger = named("pol-stranger");
const allowed = named("pol-allowed");

/** A pod's end on one of its networks. */
function endOf(testPod: TestPod, nodes: readonly CaseNode[], device: "eth0" | "net1"): End {
  const on = nodeOf(testPod, nodes);
  const netns = testPod.identity?.netns[0]?.path ?? "";
  return { on, netns, device, address: testPod.seen().addressesOf(device)[0] ?? "" };
}

interface Try {
  readonly from: TestPod;
  readonly to: TestPod;
  readonly device: "eth0" | "net1";
  readonly expected: boolean;
}

const textOf = ({ from, to, device }: Try) => `${from.declaration.key}>${to.declaration.key}%${device}`;

/** What of these arrived. */
async function heardOf(tries: readonly Try[], nodes: readonly CaseNode[]): Promise<readonly string[]> {
  const sendings = tries.map((one) => ({
    from: endOf(one.from, nodes, one.device),
    to: endOf(one.to, nodes, one.device),
    text: textOf(one),
    expected: one.expected,
  }));
  const heard = await exchangeDatagrams(sendings, "/run/plumbline-policy");
  return tries.map(textOf).filter((text) => heard.has(text));
}

/** Isolates the pod with that label; `from` may still reach it. */
function policy({ namespace }: TestPod, name: string, from: readonly string[] = []) {
  const peers = from.map((key) => ({ podSelector: { matchLabels: { [LABEL]: key } } }));
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace },
    spec: {
      podSelector: { matchLabels: { [LABEL]: denied.key } },
      policyTypes: ["Ingress"],
      ...(peers.length === 0 ? {} : { ingress: [{ from: peers }] }),
    },
  };
}

/** Runs a check while a policy is there. */
async function under(kube: CaseKube, object: ReturnType<typeof policy>, check: () => Promise<void>): Promise<void> {
  await kube.apply([object]);
  try {
    await check();
  } finally {
    const { apiVersion, kind, metadata } = object;
    await kube.delete({ apiVersion, kind, ...metadata });
  }
}

suite("NetworkPolicy of pods with further networks", () => {
  testCase(
    {
      id: "POL-001",
      revision: 1,
      title: "a NetworkPolicy cuts what comes by the cluster network to the pods that it selects, and to no others",
      layer: "L1",
      level: "extended",
      clauses: ["K8S-network-policy-isolation"],
      faults: ["a-policy-is-not-enforced", "a-pod-without-a-policy-is-cut"],
      needs: ["network-policy"],
      pods: { denied, open, stranger },
    },
    async ({ pods, nodes, kube, claim, eventually }) => {
      const toDenied = { from: pods.stranger, to: pods.denied, device: "eth0" } as const;
      const toOpen = { from: pods.stranger, to: pods.open, device: "eth0" } as const;
      await claim("is-reached-before", async () => {
        const heard = await heardOf([{ ...toDenied, expected: true }], nodes);
        expect(heard, `what ${pods.denied} heard without a policy`).to.have.length(1);
      });
      await under(kube, policy(pods.denied, "pol-001"), async () => {
        const tries = [
          { ...toDenied, expected: false },
          { ...toOpen, expected: true },
        ];
        await claim("is-cut", () =>
          eventually(
            async () => {
              const heard = await heardOf(tries, nodes);
              expect(heard, `what ${pods.denied} heard though a policy isolates it`).not.to.include(
                textOf(tries[0] as Try),
              );
            },
            { timeoutMs: ENFORCED_MS },
          ),
        );
        await claim("others-are-reached", async () => {
          const heard = await heardOf(tries, nodes);
          expect(heard, "what arrived while one pod is isolated").to.deep.equal([textOf(tries[1] as Try)]);
        });
      });
    },
  );

  testCase(
    {
      id: "POL-002",
      revision: 1,
      title: "what a NetworkPolicy allows reaches the pod by the cluster network, and nothing else does",
      layer: "L1",
      level: "extended",
      clauses: ["K8S-network-policy-allows"],
      faults: ["a-policy-is-not-enforced", "an-allowed-peer-is-cut"],
      needs: ["network-policy"],
      pods: { denied, stranger, allowed },
    },
    async ({ pods, nodes, kube, claim, eventually }) => {
      const fromStranger = { from: pods.stranger, to: pods.denied, device: "eth0" } as const;
      const fromAllowed = { from: pods.allowed, to: pods.denied, device: "eth0", expected: true } as const;
      await claim("is-reached-before", () =>
        eventually(async () => {
          const heard = await heardOf([{ ...fromStranger, expected: true }], nodes);
          expect(heard, `what ${pods.denied} heard without a policy`).to.have.length(1);
        }),
      );
      await under(kube, policy(pods.denied, "pol-002", [allowed.key]), async () => {
        const tries = [{ ...fromStranger, expected: false }, fromAllowed];
        await claim("strangers-are-cut", () =>
          eventually(
            async () => {
              const heard = await heardOf(tries, nodes);
              expect(heard, `what ${pods.denied} heard from others than the policy allows`).not.to.include(
                textOf(tries[0] as Try),
              );
            },
            { timeoutMs: ENFORCED_MS },
          ),
        );
        await claim("allowed-ones-are-not", () =>
          eventually(
            async () => {
              const heard = await heardOf(tries, nodes);
              expect(heard, `what ${pods.denied} heard`).to.deep.equal([textOf(fromAllowed)]);
            },
            { timeoutMs: ENFORCED_MS },
          ),
        );
      });
    },
  );

  testCase(
    {
      id: "POL-003",
      revision: 1,
      title: "a NetworkPolicy does not reach further networks: there the pod that it isolates is reached all the same",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-no-policy-on-further-networks"],
      faults: ["a-policy-reaches-a-further-network"],
      needs: ["network-policy"],
      pods: { denied, open, stranger },
    },
    async ({ pods, nodes, kube, claim, eventually }) => {
      const byCluster = { from: pods.stranger, to: pods.denied, device: "eth0", expected: false } as const;
      const toDenied = { from: pods.stranger, to: pods.denied, device: "net1", expected: true } as const;
      const toOpen = { from: pods.stranger, to: pods.open, device: "net1", expected: true } as const;
      await under(kube, policy(pods.denied, "pol-003"), async () => {
        await claim("is-in-force", () =>
          eventually(
            async () => {
              const heard = await heardOf([byCluster, toOpen], nodes);
              expect(
                heard,
                "what arrived: the policy cuts eth0, and net1 works between pods without one",
              ).to.deep.equal([textOf(toOpen)]);
            },
            { timeoutMs: ENFORCED_MS },
          ),
        );
        await claim("net1-is-reached", async () => {
          const heard = await heardOf([toDenied], nodes);
          expect(heard, `what ${pods.denied} heard on net1`).to.deep.equal([textOf(toDenied)]);
        });
      });
    },
  );
});
