import { AssertionError, expect } from "chai";
import {
  network,
  nodeOf,
  ofNetwork,
  pod,
  PooledContainer,
  readWhereabouts,
  scriptedNetwork,
  suite,
  testCase,
  WhereaboutsDaemon,
  type CaseContext,
  type CaseNetwork,
  type PodDeclaration,
  type TestPod,
  anyNode,
} from "../../harness/testkit/index.ts";

type Context = CaseContext<Readonly<Record<string, PodDeclaration>>>;
type Looking = Pick<Context, "nodes" | "kube" | "eventually">;

const strays = network("wbc-strays", { type: "bridge", ipam: "whereabouts", byCase: true });

const kept = network("wbc-kept", { type: "bridge", ipam: "whereabouts" });
const alive = pod("wbc-alive", [kept]);

/**
 * Longer than from one look to the next, and what is asked besides on a slow host; the kubelet waits for two minutes. Then the
 * setup fails, and the next one asks for an address anew: none would be held for a pod that came up with the one that the
 * look took.
 */
const SLOW_MS = 110_000;
const later = { code: 11, msg: "try again later" };
const awaited = network("wbc-awaited", { type: "bridge", ipam: "whereabouts" });
const slow = scriptedNetwork("wbc-slow", () => ({
  script: { ADD: { delayMs: SLOW_MS, error: later, times: 1, everyContainer: true } },
}));
const pending = pod("wbc-pending", [awaited, slow], { byCase: true });

const tenant = network("wbc-tenant", {
  type: "bridge",
  ipam: "whereabouts",
  edit: (list, live) => ({
    ...list,
    plugins: list.plugins.map((plugin) => ({
      ...plugin,
      ipam: { type: "whereabouts", range: live.range, network_name: live.name },
    })),
  }),
});
const ofTenant = pod("wbc-of-tenant", [tenant]);

const outlived = network("wbc-outlived", { type: "bridge", ipam: "whereabouts" });
const leaving = pod("wbc-leaving", [outlived]);

/** The kubelet may take a minute to bring a changed schedule to the pods; then the next minute must begin. */
const FIRST_LOOK_MS = 150_000;

async function heldOf(kube: Context["kube"], testPod: TestPod): Promise<readonly string[]> {
  const { entries, reservations } = ofNetwork(await readWhereabouts(kube), testPod.network);
  const isOwn = ({ podRef }: { readonly podRef: string }): boolean => podRef === `${testPod}`;
  const shown = [
    ...entries.filter(isOwn).map(({ address }) => `entry of ${address}`),
    ...reservations.filter(isOwn).map(({ name }) => `reservation ${name.replace(/^.*-(?=[\d.]+$)/, "NAME-")}`),
  ];
  return shown.toSorted();
}

/** At DEL v0.9.2 tries for a minute to reach the API, and then succeeds. */
const DELETION_MS = 120_000;

/** Deletes a pod, of which nothing is judged yet. One whose DEL is refused meanwhile is kept by the kubelet, which is as well. */
async function deleted({ kube, eventually }: Looking, { namespace, name }: TestPod): Promise<void> {
  const ref = { apiVersion: "v1", kind: "Pod", namespace, name };
  await kube.delete(ref);
  const isGone = async (): Promise<void> => {
    expect(await kube.get(ref)).to.equal(undefined);
  };
  await eventually(isGone, { timeoutMs: DELETION_MS }).catch((error: unknown) => {
    if (!(error instanceof AssertionError)) throw error;
  });
}

/** What is held of the pod's network, whosever it is. */
async function heldOfNetwork(kube: Context["kube"], testPod: TestPod): Promise<readonly string[]> {
  const { entries, reservations } = ofNetwork(await readWhereabouts(kube), testPod.network);
  return [
    ...entries.map(({ address, podRef }) => `entry of ${address} for ${podRef}`),
    ...reservations.map(({ name, podRef }) => `reservation ${name} for ${podRef}`),
  ].toSorted();
}

/** What must be held of a pod: an entry and a reservation of its address. */
function heldInFull(testPod: TestPod, name = ""): readonly string[] {
  const [address] = testPod.seen().addressesOf("net1");
  return [`entry of ${address}`, `reservation ${name}${address}`];
}

/** Somebody who is no pod and holds an address. When it is taken away, all that is there has been looked at. */
interface Stray {
  readonly hasAddress: () => void;
  readonly isFreed: () => Promise<void>;
}

async function strayOn({ nodes, kube, eventually }: Looking, { live }: CaseNetwork, id: string): Promise<Stray> {
  const stray = await PooledContainer.open(nodes, id);
  const { exitCode, stdout } = await stray.add(live, { range: live.range });
  const hasAddress = (): void => {
    expect(exitCode, `exit code of an ADD for ${stray.id}, which is of no pod, ${stdout}`).to.equal(0);
  };
  const isFreed = async (): Promise<void> => {
    const { entries, reservations } = ofNetwork(await readWhereabouts(kube), live);
    const isOwn = ({ podRef, containerId }: { readonly podRef: string; readonly containerId?: string }): boolean =>
      podRef === stray.podRef || containerId === stray.id;
    expect([...entries, ...reservations].filter(isOwn).length, "what is held for a pod that there is not").to.equal(0);
  };
  return { hasAddress, isFreed: async () => eventually(isFreed, { timeoutMs: FIRST_LOOK_MS }) };
}

suite("the controller of whereabouts", () => {
  testCase(
    {
      id: "IPM-025",
      revision: 3,
      title:
        "addresses that are held for nobody are freed in time, and those of pods that live or are being set up are not",
      layer: "L3",
      level: "extended",
      clauses: ["WHEREABOUTS-reconciliation"],
      faults: [
        "whereabouts-names-no-pod-of-a-stray",
        "whereabouts-takes-a-pod-for-gone",
        "whereabouts-gives-a-stray-nothing",
        "whereabouts-knows-a-pod-that-is-set-up",
      ],
      disturbs: "cluster",
      pods: { alive, pending },
      networks: { strays },
    },
    async (context) => {
      const { pods, networks, nodes, kube, claim, eventually } = context;
      const node = anyNode(nodes);
      pods.alive.seen();
      await new WhereaboutsDaemon(node, kube).lookEveryMinute();
      const first = await strayOn(context, networks.strays, "ipm-025-first");
      await claim("stray-has-an-address", first.hasAddress);
      await claim("strays-are-freed", first.isFreed);
      await claim("kept-of-a-pod-that-lives", async () => {
        expect(await heldOf(kube, pods.alive), `what is held of ${pods.alive}`).to.deep.equal(heldInFull(pods.alive));
      });
      // it is not waited for: it is to be looked at while it is set up
      pods.pending.create().catch(() => undefined);
      const isAsked = async (): Promise<void> => {
        expect(await heldOf(kube, pods.pending), `what is held of ${pods.pending} while it is set up`).to.have.length(
          2,
        );
      };
      await eventually(isAsked);
      const second = await strayOn(context, networks.strays, "ipm-025-second");
      await claim("stray-has-an-address", second.hasAddress);
      await second.isFreed();
      const held = (await heldOf(kube, pods.pending)).length;
      await claim("kept-while-it-is-set-up", () => {
        const told = held === 2 ? "entry and reservation" : `${held} of entry and reservation`;
        expect(told, "what is held of a pod after a look while it was being set up").to.equal("entry and reservation");
      });
    },
  );

  testCase(
    {
      id: "IPM-026",
      revision: 3,
      title: "what is reserved under the name of a network is kept as long as its pod lives",
      layer: "L3",
      level: "extended",
      clauses: ["WHEREABOUTS-reconciliation", "WHEREABOUTS-network-names"],
      faults: [
        "whereabouts-takes-a-pod-of-a-tenant-for-gone",
        "whereabouts-reserves-without-a-name",
        "whereabouts-gives-a-stray-nothing",
      ],
      disturbs: "cluster",
      pods: { ofTenant },
      networks: { strays },
    },
    async (context) => {
      const { pods, networks, nodes, kube, claim } = context;
      const node = anyNode(nodes);
      const [entry] = heldInFull(pods.ofTenant);
      await new WhereaboutsDaemon(node, kube).lookEveryMinute();
      const stray = await strayOn(context, networks.strays, "ipm-026");
      await claim("stray-has-an-address", stray.hasAddress);
      await stray.isFreed();
      const held = await heldOf(kube, pods.ofTenant);
      await claim("entry-is-kept", () => {
        expect(held, `what is held of ${pods.ofTenant}`).to.include(entry);
      });
      await claim("reservation-is-kept", () => {
        const reserved = held.filter((text) => text !== entry).map((text) => text.replace(/ .*/, ""));
        expect(reserved, "what else is held of a pod on a network with a name, after a look").to.deep.equal([
          "reservation",
        ]);
      });
    },
  );

  testCase(
    {
      id: "IPM-027",
      revision: 1,
      title: "the address of a pod that goes while whereabouts is away is freed when it is back",
      layer: "L3",
      level: "extended",
      clauses: ["WHEREABOUTS-freed", "WHEREABOUTS-reconciliation"],
      faults: ["whereabouts-forgets-whose-an-address-is"],
      disturbs: "cluster",
      pods: { leaving },
    },
    async (context) => {
      const { pods, nodes, kube, claim, eventually } = context;
      pods.leaving.seen();
      const daemon = new WhereaboutsDaemon(nodeOf(pods.leaving, nodes), kube);
      const held = await heldOfNetwork(kube, pods.leaving);
      await daemon.leave();
      await deleted(context, pods.leaving);
      // else it is not away, and nothing is seen of its return
      expect(await heldOfNetwork(kube, pods.leaving), "what is held while it is away").to.deep.equal(held);
      expect(held, "what is held of a pod").to.not.deep.equal([]);
      await daemon.lookEveryMinute();
      await daemon.comeBack();
      await claim("freed-when-it-is-back", () =>
        eventually(
          async () => {
            expect(await heldOfNetwork(kube, pods.leaving), `what is held of ${pods.leaving}`).to.deep.equal([]);
          },
          { timeoutMs: FIRST_LOOK_MS },
        ),
      );
    },
  );
});
