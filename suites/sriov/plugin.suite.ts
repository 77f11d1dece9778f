import { expect } from "chai";
import {
  bringUp,
  customNetwork,
  inShort,
  pod,
  POOL_A,
  resourceOf,
  suite,
  testCase,
  type BareContainer,
} from "../../harness/testkit/index.ts";
import { Ground } from "./plugin-ground.ts";
import { recorded } from "./recorded-devices.ts";
import { S1 } from "./vf-networks.ts";

type Json = Readonly<Record<string, unknown>>;

// The kubelet gives the VF to this pod, whose plugin leaves it where it is: it is for the cases to work with.
const keeper = pod("srv-keeper", [recorded("srv-kept", POOL_A)], { resources: { [POOL_A]: 1 }, byCase: true });

const unwanted = pod(
  "srv-unwanted",
  [
    customNetwork("srv-unwanted", () => ({ cniVersion: "1.0.0", plugins: [{ type: S1, vlan: 5000 }] }), {
      annotations: resourceOf(POOL_A),
    }),
  ],
  { resources: { [POOL_A]: 1 }, refused: true, byCase: true },
);

const INVALID: readonly (readonly [Json, string])[] = [
  [{ vlan: 4095 }, "vlan id 4095 invalid: value must be in the range 0-4094"],
  [{ vlan: -1 }, "vlan id -1 invalid: value must be in the range 0-4094"],
  [{ vlan: 5, vlanQoS: 8 }, "vlan QoS PCP 8 invalid: value must be in the range 0-7"],
  [{ vlanQoS: 1 }, "vlan id must be configured to set vlan QoS to a non-nil value"],
  [{ vlan: 5, vlanProto: "802.3" }, "vlan Proto 802.3 invalid: value must be '802.1Q' or '802.1ad'"],
  [{ link_state: "up" }, "invalid link_state value: up"],
  [{ spoofchk: "yes" }, "invalid spoofchk value: yes"],
  [{ trust: "yes" }, "invalid trust value: yes"],
  [{ mac: "nonsense" }, "failed to parse MAC address nonsense"],
  [{ vlan: 5, mac: "01:00:5e:00:00:01" }, "failed to set MAC address to 01:00:5e:00:00:01: invalid argument"],
  [{ vlan: 5, max_tx_rate: -1 }, "max_tx_rate to -1 Mbps: invalid argument"],
  [{ deviceID: "0000:a1:1f.7" }, "failed to get VF information"],
  [{ deviceID: "simvf0" }, "is no PCI address"],
];

suite("the plugin for virtual functions by itself", () => {
  testCase(
    {
      id: "SRV-023",
      revision: 1,
      title: "values that no VF can have are refused in words that say why, and the VF is untouched (S1)",
      layer: "L1",
      level: "extended",
      clauses: ["SRIOV-invalid-values", "K8S-failed-setup-event"],
      faults: ["an-invalid-vlan-is-left-out", "a-refused-mac-changes-the-vf"],
      needs: ["sriov-s1"],
      pods: { keeper, unwanted },
    },
    async ({ pods, nodes, claim }) => {
      await bringUp(pods.keeper, pods.unwanted);
      const { refused, messages } = pods.unwanted.outcome();
      await claim("event-says-why", () => {
        expect(refused, `whether ${pods.unwanted} was refused`).to.equal(true);
        expect(messages.join("\n"), `events of ${pods.unwanted}`).to.include(
          "vlan id 5000 invalid: value must be in the range 0-4094",
        );
      });
      const ground = await Ground.of(pods.keeper, { nodes, prefix: "srv-023" });
      const container = await ground.container("invalid");
      try {
        for (const [values, words] of INVALID) {
          const answer = await container.call("ADD", ground.config(values));
          const said = inShort(answer);
          await claim("refused-in-these-words", () => {
            expect(answer.exitCode, `exit code of ADD with ${JSON.stringify(values)}: ${said}`).not.to.equal(0);
            expect(said, `the answer to ADD with ${JSON.stringify(values)}`).to.include(words);
          });
        }
        await claim("untouched", async () => {
          expect(await ground.changes(), "what of the VF is another since").to.deep.equal({});
        });
      } finally {
        await container.call("DEL", ground.config());
        await ground.vfs.tidy(ground.pci);
      }
    },
  );

  testCase(
    {
      id: "SRV-031",
      revision: 1,
      title: "where one of several values cannot be set, none of the others stays set (S1)",
      layer: "L0",
      level: "extended",
      clauses: ["SRIOV-restored"],
      faults: ["a-vlan-stays-where-the-rate-is-refused"],
      needs: ["sriov-s1"],
      pods: { keeper },
    },
    async ({ pods, nodes, claim }) => {
      const ground = await Ground.of(pods.keeper, { nodes, prefix: "srv-031" });
      const container = await ground.container("rate");
      const config = ground.config({ vlan: 7, trust: "on", min_tx_rate: 200, max_tx_rate: 100 });
      try {
        const answer = await container.call("ADD", config);
        await claim("refused", () => {
          expect(inShort(answer), "the answer to ADD with a lowest rate above the highest").to.match(
            /^exit 1: .*invalid argument/,
          );
        });
        await claim("nothing-stays", async () => {
          expect(await ground.changes(), "what of the VF is another since").to.deep.equal({});
        });
      } finally {
        await container.call("DEL", config);
        await ground.vfs.tidy(ground.pci);
      }
    },
  );

  testCase(
    {
      id: "SRV-026",
      revision: 1,
      title: "a VF in use is refused to a second container, keeps to the first, and is free after it (S1)",
      layer: "L0",
      level: "extended",
      clauses: ["SRIOV-in-use", "SRIOV-vf-given-back"],
      faults: ["a-vf-in-use-is-given-again"],
      needs: ["sriov-s1"],
      pods: { keeper },
    },
    async ({ pods, nodes, claim }) => {
      const ground = await Ground.of(pods.keeper, { nodes, prefix: "srv-026" });
      const [first, second] = [await ground.container("first"), await ground.container("second")];
      const config = ground.config({ vlan: 7 });
      const has = async (container: BareContainer): Promise<boolean> =>
        (await container.links()).some(({ name, mac }) => name === "net1" && mac === ground.mac);
      try {
        const given = await first.call("ADD", config);
        await claim("given-to-the-first", async () => {
          expect(inShort(given), "the answer to the first ADD").to.match(/^exit 0/);
          expect(await has(first), "whether the first container has the VF").to.equal(true);
        });
        const again = await second.call("ADD", { ...config, vlan: 9 });
        await claim("refused-to-the-second", () => {
          expect(inShort(again), "the answer to the second ADD").to.include(
            `pci address ${ground.pci} is already allocated`,
          );
        });
        // what a runtime does after an ADD that failed
        await second.call("DEL", config);
        await claim("keeps-to-the-first", async () => {
          expect(await has(first), "whether the first container has the VF still").to.equal(true);
          expect((await ground.vfs.rowOf(ground.pci)).vlan, "its VLAN").to.equal(7);
        });
        await first.call("DEL", config);
        const free = await second.call("ADD", config);
        await claim("free-after-it", () => {
          expect(inShort(free), "the answer to ADD for the second container after DEL for the first").to.match(
            /^exit 0/,
          );
        });
      } finally {
        await second.call("DEL", config);
        await first.call("DEL", config);
        await ground.vfs.tidy(ground.pci);
      }
    },
  );

  testCase(
    {
      id: "SRV-027",
      revision: 1,
      title: "DEL succeeds a second time, for what never was, and without the namespace (S1)",
      layer: "L0",
      level: "extended",
      clauses: ["SRIOV-del-again"],
      faults: ["del-of-what-never-was-fails"],
      needs: ["sriov-s1"],
      pods: { keeper },
    },
    async ({ pods, nodes, claim }) => {
      const ground = await Ground.of(pods.keeper, { nodes, prefix: "srv-027" });
      const [container, never] = [await ground.container("twice"), await ground.container("never")];
      const config = ground.config({ trust: "on" });
      try {
        const answers = [
          await container.call("ADD", config),
          await container.call("DEL", config),
          await container.call("DEL", config),
          await container.call("DEL", config, { env: { CNI_NETNS: null } }),
          await never.call("DEL", config),
        ];
        await claim("all-succeed", () => {
          const codes = answers.map(({ exitCode }) => exitCode);
          const said = answers.map(inShort).join("; ");
          expect(codes, `exit codes of ADD, DEL, DEL, DEL without namespace, DEL of another: ${said}`).to.deep.equal([
            0, 0, 0, 0, 0,
          ]);
        });
        await claim("as-before", async () => {
          expect(await ground.changes(), "what of the VF is another since").to.deep.equal({});
        });
      } finally {
        await container.call("DEL", config);
        await ground.vfs.tidy(ground.pci);
      }
    },
  );
});
