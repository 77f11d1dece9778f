import { expect } from "chai";
import { bringUp, FRESH_ROW, pod, scriptedPlugin, suite, testCase } from "../../harness/testkit/index.ts";
import { oneVf, S0, S0_OR_S3, S1, S1_TO_S3, vfNetwork } from "./vf-networks.ts";
import { afterPod } from "./vf-of-pod.ts";

const unasked0 = pod("srv-unasked-s0", [vfNetwork("srv-unasked-s0", { type: S0 })], { refused: true });
const unasked1 = pod("srv-unasked-s1", [vfNetwork("srv-unasked-s1", { type: S1 })], { refused: true });

/** What plugins say that are given no device. */
const WITHOUT_DEVICE: Readonly<Record<string, string>> = {
  [S0]: 'specify either "device", "hwaddr", "kernelpath" or "pciBusID"',
  [S1]: "VF pci addr is required",
  sriov: "VF pci addr is required",
};

const NO_ADDRESS = "no address is left, says the test";
const withoutAddress = () => {
  const { type, rec } = scriptedPlugin({ link: "none", script: { ADD: { error: { code: 111, msg: NO_ADDRESS } } } });
  return { ipam: { type }, rec };
};
const addressless = [S0, S1].map((type, level) =>
  pod(`srv-addressless-s${level}`, [vfNetwork(`srv-addressless-s${level}`, { type, plugin: withoutAddress })], {
    ...oneVf,
    refused: "stays",
  }),
);

suite("virtual functions in pods", () => {
  testCase(
    {
      id: "SRV-024",
      revision: 1,
      title: "a pod that asked for no VF is refused on a network of VFs, and its event says what is missing (S0 to S3)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-device-required", "MULTUS-no-device", "K8S-failed-setup-event"],
      faults: ["host-device-is-content-without-a-device", "plumbline-sriov-is-content-without-a-device"],
      needs: [S0_OR_S3, S1_TO_S3, "sriov-as-asked"],
      pods: { unasked0, unasked1 },
    },
    async ({ pods, claim }) => {
      for (const [testPod, simulated] of [
        [pods.unasked0, S0],
        [pods.unasked1, S1],
      ] as const) {
        const words = WITHOUT_DEVICE[testPod.vfSite?.plugin ?? simulated];
        const { refused, messages } = testPod.outcome();
        await claim("refused", () => {
          expect(refused, `whether ${testPod} was refused`).to.equal(true);
        });
        // in which words another plugin says it is not known
        if (words === undefined) continue;
        await claim("event-says-why", () => {
          expect(messages.join("\n").replaceAll("\\", ""), `events of ${testPod}`).to.include(words);
        });
      }
    },
  );

  testCase(
    {
      id: "SRV-028",
      revision: 1,
      title: "a VF whose pod gets no address is given back: its own name and MAC, nothing asked, never lost (S0 to S3)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-vf-given-back", "MULTUS-rollback"],
      faults: ["host-device-keeps-the-vf-of-a-refused-pod"],
      needs: [S0_OR_S3, S1_TO_S3],
      pods: Object.fromEntries(addressless.map((declaration) => [declaration.key, declaration])),
    },
    async ({ pods, claim }) => {
      await bringUp(...Object.values(pods));
      for (const testPod of Object.values(pods)) {
        const { messages } = testPod.outcome();
        await claim("refused-for-the-address", () => {
          expect(messages.join("\n"), `events of ${testPod}`).to.include(NO_ADDRESS);
        });
        const { vf, home, lost, row } = await afterPod(testPod);
        await claim("given-back", () => {
          expect(home, `the VF on the node after ${testPod}`).to.deep.include({ name: vf.interface, mac: vf.mac });
          if (row) expect(row, `what the table of VFs has after ${testPod}`).to.deep.equal(FRESH_ROW);
        });
        if (lost === undefined) continue;
        await claim("never-lost", () => {
          expect(lost, `how often the VF of ${testPod} went with a network namespace`).to.equal(0);
        });
      }
    },
  );
});
