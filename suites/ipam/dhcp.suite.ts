import { AssertionError, expect } from "chai";
import {
  BareContainer,
  customNetwork,
  dhcpMessages,
  dhcpServer,
  inShort,
  network,
  nodeOf,
  pod,
  suite,
  testCase,
  type CaseNode,
  type LiveNetwork,
} from "../../harness/testkit/index.ts";
import { interfacesOf as interfacesOfResult, ipsOf, wrongForm, VERSIONS } from "../cni/interface-demands.ts";

const dhcpConfig = (live: LiveNetwork, socket: string) => ({
  cniVersion: "1.0.0",
  name: live.name,
  type: "bridge",
  bridge: live.bridge,
  ipam: { type: "dhcp", daemonSocketPath: socket },
  // the server answers nobody else
  runtimeConfig: { mac: live.mac },
});

/** Interfaces by which a container is on the link of a bridge. */
const interfacesOf = (live: LiveNetwork, socket: string) => {
  const bridge = dhcpConfig(live, socket);
  return { bridge, macvlan: { ...bridge, type: "macvlan", master: live.bridge, mode: "bridge" } };
};

// nobody listens there
const NOBODY = "/run/cni/plumbline-no-dhcp.sock";
const lone = customNetwork("ipm-lone", (live) => {
  const { cniVersion, type, bridge, ipam } = dhcpConfig(live, NOBODY);
  return { cniVersion, plugins: [{ type, bridge, ipam }] };
});
const waiting = pod("ipm-waiting", [lone], { refused: "stays" });

const served = network("ipm-served", { type: "bridge", ipam: "static" });
const server = dhcpServer("ipm-server", served, (live) => ({
  leases: { [live.mac]: live.address(150) },
  leaseSeconds: 60,
  renewSeconds: 3,
}));

/** The daemon sends it before it answers DEL. */
const RELEASE_MS = 2_000;

/** The plugin's daemon on a node, as a unit of the node's systemd that goes when it is stopped. */
class DhcpDaemon {
  readonly socket: string;
  readonly #unit: string;
  readonly #node: CaseNode;

  constructor(node: CaseNode, name: string) {
    this.#node = node;
    this.#unit = `plumbline-dhcp-${name}`;
    this.socket = `/run/cni/${name}.sock`;
  }

  async start(): Promise<void> {
    const script = `
      systemd-run --quiet --collect --unit="$1" /opt/cni/bin/dhcp daemon -socketpath "$2"
      for i in $(seq 100); do if [ -S "$2" ]; then exit 0; fi; sleep 0.1; done
      exit 1`;
    const { exitCode, stderr } = await this.#node.shell(script, this.#unit, this.socket);
    if (exitCode !== 0) throw new Error(`the daemon of dhcp did not start: ${stderr}`);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#node.shell('systemctl stop "$1" 2>/dev/null || true; rm -f "$2"', this.#unit, this.socket);
  }
}

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

  testCase(
    {
      id: "IPM-012",
      revision: 1,
      title: "dhcp gets its address of a server, renews it, and gives it back on DEL",
      layer: "L1",
      level: "extended",
      clauses: ["PLUGINS-dhcp-lease"],
      faults: [
        "dhcp-takes-another-address",
        "dhcp-renews-nothing",
        "dhcp-releases-nothing",
        "bridge-releases-before-it-removes",
      ],
      pods: { server },
    },
    async ({ pods, nodes, claim, eventually }) => {
      pods.server.seen();
      const [live] = pods.server.attachments.map((attachment) => attachment.network);
      const node = nodeOf(pods.server, nodes);
      if (!live) throw new Error("the server has no network");
      const address = live.address(150);
      const daemon = new DhcpDaemon(node, live.name);
      const { bridge, macvlan } = interfacesOf(live, daemon.socket);
      const ofBridge = await BareContainer.open([node], "ipm-012-bridge");
      const ofMacvlan = await BareContainer.open([node], "ipm-012-macvlan");
      const heard = async (type: string): Promise<number> =>
        (await dhcpMessages(pods.server)).filter((m) => m.type === type && m.client === address).length;
      /** Whether the server hears of one release more than before. */
      const hearsRelease = async (before: number): Promise<boolean> => {
        const check = async (): Promise<void> => {
          expect(await heard("RELEASE")).to.be.above(before);
        };
        try {
          await eventually(check, { timeoutMs: RELEASE_MS });
          return true;
        } catch (error) {
          if (error instanceof AssertionError) return false;
          throw error;
        }
      };
      const unreleased: string[] = [];
      try {
        await daemon.start();
        await ofBridge.call("ADD", bridge);
        await ofBridge.call("DEL", bridge);
        if (!(await hearsRelease(0))) unreleased.push("bridge");
        const added = await ofMacvlan.call("ADD", macvlan);
        const link = (await ofMacvlan.links()).find(({ name }) => name === "net1");
        await claim("as-leased", () => {
          expect(link?.addresses, `addresses of net1 after ADD: ${inShort(added)}`).to.deep.equal([`${address}/24`]);
        });
        await claim("renewed", async () =>
          eventually(
            async () => {
              expect(await heard("REQUEST"), "requests of the holder to keep its address").to.be.above(0);
            },
            { timeoutMs: 15_000 },
          ),
        );
        const released = await heard("RELEASE");
        await ofMacvlan.call("DEL", macvlan);
        if (!(await hearsRelease(released))) unreleased.push("macvlan");
        await ofMacvlan.call("ADD", macvlan);
        await daemon.restart();
        const forgotten = await ofMacvlan.call("DEL", macvlan);
        await claim("del-after-a-restart", () => {
          expect(inShort(forgotten), "answer to DEL by a daemon that knows of no lease").to.equal("exit 0");
        });
        await claim("released", () => {
          expect(unreleased, "interface plugins at whose DEL the server heard of no release").to.deep.equal([]);
        });
      } finally {
        await ofBridge.call("DEL", bridge);
        await ofMacvlan.call("DEL", macvlan);
        await daemon.stop();
      }
    },
  );

  testCase(
    {
      id: "CNI-031",
      revision: 1,
      title: "dhcp does as IPAM plugins must",
      layer: "L1",
      level: "extended",
      clauses: ["CNI-5-success-result", "CNI-5-ipam-result", "CNI-2-del-of-what-is-gone"],
      faults: ["dhcp-answers-0-4-0-as-1-0-0", "dhcp-tells-of-an-interface", "dhcp-knows-no-such-container"],
      pods: { server },
    },
    async ({ pods, nodes, claim }) => {
      pods.server.seen();
      const [live] = pods.server.attachments.map((attachment) => attachment.network);
      const node = nodeOf(pods.server, nodes);
      if (!live) throw new Error("the server has no network");
      const daemon = new DhcpDaemon(node, `${live.name}-forms`);
      const { macvlan } = interfacesOf(live, daemon.socket);
      const container = await BareContainer.open([node], "cni-031");
      const stranger = await BareContainer.open([node], "cni-031-never");
      // the link that dhcp asks by, and no address
      const link = { ...macvlan, ipam: {} };
      const forms: (string | undefined)[] = [];
      const told: string[] = [];
      const kept: string[] = [];
      try {
        await daemon.start();
        await container.call("ADD", link);
        for (const cniVersion of VERSIONS) {
          const config = { ...macvlan, cniVersion };
          const answer = await container.callIpam("ADD", config);
          forms.push(wrongForm("dhcp", cniVersion, answer));
          const isTold =
            interfacesOfResult(answer).length > 0 || ipsOf(answer).some((ip) => ip.interface !== undefined);
          if (isTold) told.push(`${cniVersion}: ${answer.stdout}`);
          for (const again of ["", " once more"]) {
            const deleted = await container.callIpam("DEL", config);
            if (deleted.exitCode !== 0) kept.push(`${cniVersion}${again}: ${inShort(deleted)}`);
          }
        }
        const never = await stranger.callIpam("DEL", macvlan);
        if (never.exitCode !== 0) kept.push(`never added: ${inShort(never)}`);
      } finally {
        await container.call("DEL", link);
        await daemon.stop();
      }
      await claim("every-version", () => {
        expect(forms.filter(Boolean), "versions in which it fails or answers in another form").to.deep.equal([]);
      });
      await claim("addresses-only", () => {
        expect(told, "versions in which it tells of interfaces").to.deep.equal([]);
      });
      await claim("deletes-what-is-gone", () => {
        expect(kept, "DELs that failed").to.deep.equal([]);
      });
    },
  );
});
