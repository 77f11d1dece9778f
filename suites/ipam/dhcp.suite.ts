import { expect } from "chai";
import {
  BareContainer,
  customNetwork,
  inShort,
  pod,
  suite,
  testCase,
  type LiveNetwork,
} from "../../harness/testkit/index.ts";

const dhcpConfig = (live: LiveNetwork, socket: string) => ({
  cniVersion: "1.0.0",
  name: live.name,
  type: "bridge",
  bridge: live.bridge,
  ipam: { type: "dhcp", daemonSocketPath: socket },
  // the server answers nobody else
  runtimeConfig: { mac: live.mac },
});

// nobody listens there
const NOBODY = "/run/cni/plumbline-no-dhcp.sock";
const lone = customNetwork("ipm-lone", (live) => {
  const { cniVersion, type, bridge, ipam } = dhcpConfig(live, NOBODY);
  return { cniVersion, plugins: [{ type, bridge, ipam }] };
});
const waiting = pod("ipm-waiting", [lone], { refused: true });

suite("dhcp", () => {
  testCase(
    {
      id: "IPM-011",
      revision: 1,
      title: "without its daemon dhcp fails ADD by the name of the socket, and DEL succeeds",
      layer: "L1",
      level: "extended",
      clauses: ["PLUGINS-dhcp-daemon", "CNI-2-del-of-what-is-gone"],
      faults: ["dhcp-makes-an-address-up", "dhcp-deletes-without-its-daemon"],
      pods: { waiting },
      networks: { lone },
    },
    async ({ pods, nodes, networks, claim }) => {
      const { refused, messages } = pods.waiting.outcome();
      await claim("setup-fails", () => {
        expect(refused, `whether ${pods.waiting} was refused`).to.equal(true);
        expect(messages.join("\n"), `events of ${pods.waiting}`).to.contain(NOBODY);
      });
      await pods.waiting.delete();
      await claim("pod-can-be-deleted", async () => {
        expect(await pods.waiting.attachmentResidueLeft(), `what still names ${pods.waiting}`).to.deep.equal([]);
      });
      const container = await BareContainer.open(nodes, "ipm-011");
      const answer = await container.callIpam("DEL", dhcpConfig(networks.lone.live, NOBODY));
      await claim("del-succeeds", () => {
        expect(inShort(answer), "answer to DEL").to.equal("exit 0");
      });
    },
  );
});
