import { expect } from "chai";
import {
  network,
  pod,
  scriptedNetwork,
  suite,
  testCase,
  type CaseContext,
  type PodDeclaration,
  type PodSeen,
  type TestPod,
} from "../../harness/testkit/index.ts";

const STOP_MS = 75_000;
const ANEW_MS = 90_000;

// The order is that of the interfaces net1, net2 and net3.
const leased = network("td-anew-leased", { type: "bridge", ipam: "host-local", forSubject: true });
const fixed = network("td-anew-fixed", { type: "bridge", ipam: "static", forSubject: true });
const scripted = scriptedNetwork("td-anew-calls", (live) => ({ addresses: [`${live.address(10)}/24`] }));
const anew = pod("td-anew", [leased, fixed, scripted]);

/** A pod before and after its sandbox was made anew. */
interface MadeAnew {
  readonly before: PodSeen;
  readonly after: PodSeen;
}

type Eventually = CaseContext<Readonly<Record<string, PodDeclaration>>>["eventually"];

const madeAnew = new WeakMap<TestPod, Promise<MadeAnew>>();

/** Ends the sandbox of a pod once, whichever case asks first, and waits until the pod runs in another one. */
async function inAnotherSandbox(testPod: TestPod, eventually: Eventually): Promise<MadeAnew> {
  const known = madeAnew.get(testPod);
  if (known) return known;
  const made = endSandbox(testPod, eventually);
  madeAnew.set(testPod, made);
  return made;
}

async function endSandbox(testPod: TestPod, eventually: Eventually): Promise<MadeAnew> {
  const before = testPod.seen();
  // By itself crictl gives up after two seconds.
  const { exitCode, stderr } = await testPod.onNode.exec(["crictl", "--timeout", "60s", "stopp", before.sandboxId], {
    timeoutMs: STOP_MS,
  });
  if (exitCode !== 0) throw new Error(`the sandbox of ${testPod} could not be stopped: ${stderr}`);
  // The API calls the pod ready until the kubelet has noticed.
  await eventually(
    async () => {
      const { status } = (await testPod.object()) ?? {};
      const [container] = (status?.["containerStatuses"] ?? []) as readonly { readonly restartCount?: number }[];
      expect(container?.restartCount, `restarts of ${testPod} after its sandbox was stopped`).to.equal(1);
    },
    { timeoutMs: ANEW_MS },
  );
  await testPod.lookAgain();
  return { before, after: testPod.seen() };
}

/** The containers that host-local keeps addresses of a network for, one an address. */
async function holdersOf(testPod: TestPod, name: string): Promise<readonly string[]> {
  const script = 'for file in /var/lib/cni/networks/"$1"/[0-9]*; do head -n 1 "$file" | tr -d "\\r"; done';
  const { stdout } = await testPod.onNode.shell(script, name);
  return stdout.split("\n").filter((line) => line !== "");
}

suite("pods whose sandbox is made anew", () => {
  testCase(
    {
      id: "TD-016",
      revision: 1,
      title:
        "when a pod gets another sandbox, each attachment of the old one is taken down, and made once for the new one",
      layer: "L1",
      asks: ["interface", "chained"],
      level: "extended",
      clauses: ["K8S-sandbox-anew", "NPWG-7.2-teardown", "CNI-2-del-releases"],
      faults: ["attachment-of-an-ended-sandbox-stays", "address-of-an-ended-sandbox-stays"],
      pods: { anew },
    },
    async ({ pods, claim, eventually }) => {
      const { before, after } = await inAnotherSandbox(pods.anew, eventually);
      const sandbox = (id: string): string =>
        ({ [before.sandboxId]: "old sandbox", [after.sandboxId]: "new sandbox" })[id] ?? "another sandbox";
      await claim("another-sandbox", () => {
        expect(after.sandboxId, `sandbox of ${pods.anew}`).not.to.equal(before.sandboxId);
      });
      const calls = (await pods.anew.calls()).map((call) => `${call.command} of the ${sandbox(call.containerId)}`);
      // A runtime may call DEL again for what is gone already.
      const different = calls.filter((call, i) => call !== calls[i - 1]);
      await claim("taken-down-before-made-anew", () => {
        expect(different.slice(0, 3), `calls for ${pods.anew}`).to.deep.equal([
          "ADD of the old sandbox",
          "DEL of the old sandbox",
          "ADD of the new sandbox",
        ]);
      });
      await claim("made-once", () => {
        expect(
          calls.filter((call) => call.startsWith("ADD")),
          `ADD calls for ${pods.anew}`,
        ).to.deep.equal(["ADD of the old sandbox", "ADD of the new sandbox"]);
      });
      const [attachment] = pods.anew.attachments;
      const holders = (await holdersOf(pods.anew, attachment?.network.name ?? "")).map(sandbox);
      await claim("one-address-as-before", () => {
        expect(holders, `who has addresses of ${attachment?.nad}`).to.deep.equal(["new sandbox"]);
      });
      await claim("fixed-address-kept", () => {
        expect(after.cidrsOf("net2"), `addresses of net2 of ${pods.anew}`).to.deep.equal(before.cidrsOf("net2"));
      });
      const messages = (await pods.anew.events()).map(({ reason, message }) => `${reason}: ${message}`);
      await claim("nothing-in-the-way", () => {
        expect(
          messages.filter((text) => text.includes("already exists")),
          `events of ${pods.anew}`,
        ).to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "STA-014",
      revision: 1,
      title:
        "when a pod gets another sandbox, its status tells the interfaces and addresses of that one, and no others",
      layer: "L1",
      level: "extended",
      clauses: ["K8S-sandbox-anew", "NPWG-5-status-list", "NPWG-5.3.3-ips", "NPWG-5.3.4-mac"],
      faults: ["status-of-an-ended-sandbox-stays", "status-is-added-to-that-of-an-ended-sandbox"],
      pods: { anew },
    },
    async ({ pods, claim, eventually }) => {
      const { before, after } = await inAnotherSandbox(pods.anew, eventually);
      const entries = ({ status }: PodSeen): readonly string[] => status.map((e) => `${e.name} ${e.interface}`);
      await claim("as-many-entries", () => {
        expect(entries(before), `network-status of ${pods.anew} at first`).to.have.length(4);
        expect(entries(after), `network-status of ${pods.anew} in another sandbox`).to.deep.equal(entries(before));
      });
      const told = after.status.map(({ interface: link, mac, ips }) => ({ link, mac, ips: ips.toSorted() }));
      const there = told.map(({ link = "" }) => ({
        link,
        mac: after.links.find(({ name }) => name === link)?.mac,
        ips: after.addressesOf(link).toSorted(),
      }));
      await claim("tells-the-new-sandbox", () => {
        expect(told, `network-status of ${pods.anew} in another sandbox`).to.deep.equal(there);
      });
    },
  );
});
