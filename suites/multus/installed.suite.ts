import { expect } from "chai";
import {
  BareContainer,
  BareMultus,
  inShort,
  scriptedNetwork,
  suite,
  testCase,
  together,
  type CaseNode,
  anyNode,
} from "../../harness/testkit/index.ts";

const NET_DIR = "/etc/cni/net.d";
const CACHE_DIR = "/var/lib/cni/multus";
const SOCKET = "/run/multus/multus.sock";

type Json = Readonly<Record<string, unknown>>;

/** What Multus wrote for the runtime, and the configuration that comes first without it. */
async function written(node: CaseNode) {
  const { stdout: list } = await node.shell('ls -1 "$1"', NET_DIR);
  const files = list.split("\n").filter((name) => /\.conf(list)?$/.test(name));
  const own = files.filter((name) => name.startsWith("00-multus"));
  const [first = ""] = files.filter((name) => !own.includes(name)).toSorted();
  const read = async (name: string) => JSON.parse((await node.shell('cat "$1"', `${NET_DIR}/${name}`)).stdout) as Json;
  const { stdout: mode } = await node.shell('stat -c %a "$1"', `${NET_DIR}/${own[0]}`);
  return {
    node: node.name,
    own,
    mode: mode.trim(),
    config: await read(own[0] ?? ""),
    first,
    master: await read(first),
  };
}

/** Capabilities that any plugin of a configuration has. */
function capabilitiesOf(master: Json): Json {
  const plugins = (master["plugins"] ?? [master]) as readonly Json[];
  return Object.assign({}, ...plugins.map((plugin) => plugin["capabilities"] ?? {})) as Json;
}

const absent = scriptedNetwork("mul-absent", (live) => ({ addresses: [`${live.address(10)}/24`] }));

suite("Multus on a node", () => {
  testCase(
    {
      id: "MUL-001",
      revision: 1,
      title: "the plugin's configuration wraps the first one of the node, for root alone",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-written-configuration-thin"],
      faults: ["everybody-reads-the-configuration"],
      needs: ["multus-thin"],
      pods: {},
    },
    async ({ nodes, claim }) => {
      for (const node of nodes) {
        const { own, mode, config, master } = await written(node);
        const newer = Number.parseInt(String(master["cniVersion"]), 10) >= 1;
        await claim("one-file", () => {
          expect(own, `files of Multus on ${node.name}`).to.deep.equal([
            newer ? "00-multus.conflist" : "00-multus.conf",
          ]);
        });
        const plugin = newer ? (config["plugins"] as readonly Json[])[0] : config;
        await claim("wraps-the-first", () => {
          expect(config["name"], `name in ${own[0]} of ${node.name}`).to.equal("multus-cni-network");
          expect(plugin?.["type"], `type in ${own[0]} of ${node.name}`).to.equal("multus");
          expect(plugin?.["delegates"], `delegates in ${own[0]} of ${node.name}`).to.deep.equal([master]);
        });
        await claim("capabilities", () => {
          expect(plugin?.["capabilities"] ?? {}, `capabilities in ${own[0]} of ${node.name}`).to.deep.equal(
            capabilitiesOf(master),
          );
        });
        await claim("for-root-alone", () => {
          expect(mode, `mode of ${own[0]} of ${node.name}`).to.equal("600");
        });
      }
    },
  );

  testCase(
    {
      id: "MUL-002",
      revision: 1,
      title: "the shim's configuration names the file of the first one of the node, for root alone",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-written-configuration-thick"],
      faults: ["everybody-reads-the-configuration"],
      needs: ["multus-thick"],
      pods: {},
    },
    async ({ nodes, claim }) => {
      for (const node of nodes) {
        const { own, mode, config, first, master } = await written(node);
        await claim("one-file", () => {
          expect(own, `files of Multus on ${node.name}`).to.deep.equal(["00-multus.conf"]);
        });
        await claim("names-the-first", () => {
          expect(config["name"], `name in ${own[0]} of ${node.name}`).to.equal("multus-cni-network");
          expect(config["type"], `type in ${own[0]} of ${node.name}`).to.equal("multus-shim");
          // as the daemon sees it, from inside its container
          expect(config["clusterNetwork"], `clusterNetwork in ${own[0]} of ${node.name}`).to.equal(
            `/host${NET_DIR}/${first}`,
          );
        });
        await claim("capabilities", () => {
          expect(config["capabilities"] ?? {}, `capabilities in ${own[0]} of ${node.name}`).to.deep.equal(
            capabilitiesOf(master),
          );
        });
        await claim("no-readiness-file", () => {
          expect(config, `${own[0]} of ${node.name}`).not.to.have.property("readinessindicatorfile");
        });
        await claim("for-root-alone", () => {
          expect(mode, `mode of ${own[0]} of ${node.name}`).to.equal("600");
        });
      }
    },
  );

  testCase(
    {
      id: "MUL-028",
      revision: 1,
      title: "the daemon's socket is for root alone, and tells that it is healthy",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-socket"],
      faults: ["everybody-enters-the-sockets-folder"],
      needs: ["multus-thick"],
      pods: {},
    },
    async ({ nodes, claim }) => {
      for (const node of nodes) {
        const { stdout: modes } = await node.shell('stat -c "%F %a" "$1" "$(dirname "$1")"', SOCKET);
        await claim("for-root-alone", () => {
          expect(modes.trim().split("\n"), `${SOCKET} of ${node.name} and its folder`).to.deep.equal([
            "socket 600",
            "directory 700",
          ]);
        });
        const { stdout: status } = await node.exec([
          "curl",
          "-s",
          "-o",
          "/dev/null",
          "-w",
          "%{http_code}",
          "--unix-socket",
          SOCKET,
          "http://multus/healthz",
        ]);
        await claim("healthy", () => {
          expect(status, `status of /healthz on ${node.name}`).to.equal("200");
        });
      }
    },
  );

  testCase(
    {
      id: "MUL-041",
      revision: 1,
      title: "ADD for a pod that has gone succeeds, attaches nothing and leaves nothing",
      layer: "L0",
      level: "extended",
      clauses: ["MULTUS-pod-gone"],
      faults: ["multus-refuses-a-pod-that-has-gone", "a-pod-that-has-gone-gets-an-empty-result"],
      needs: ["multus-pod-gone"],
      pods: {},
      networks: { absent },
    },
    async ({ nodes, networks, claim }) => {
      const node = anyNode(nodes);
      const multus = await BareMultus.on(node);
      const { name, namespace } = networks.absent.live;
      const keys = { clusterNetwork: name, multusNamespace: namespace, delegates: null };
      const gone = { namespace, name: "mul-gone", uid: "3f2b7c1e-0000-4000-8000-000000000041" };
      const container = await BareContainer.open(nodes, `mul-041-${name}`, "eth0");
      try {
        const answer = await multus.call(container, "ADD", { pod: gone, keys });
        await together(
          claim("succeeds", () => {
            expect(inShort(answer), "the answer to ADD").to.match(/^exit 0/);
          }),
          claim("attaches-nothing", async () => {
            expect(
              (await container.links()).map((link) => link.name),
              "interfaces",
            ).to.deep.equal(["lo"]);
          }),
          claim("leaves-nothing", async () => {
            const { stdout: files } = await node.shell('grep -rls -e "$1" "$2" || true', container.id, CACHE_DIR);
            const { stdout: named } = await node.shell('find "$1" -name "*$2*"', CACHE_DIR, container.id);
            expect(`${files}${named}`, "files that name the container").to.equal("");
          }),
        );
      } finally {
        await multus.call(container, "DEL", { pod: gone, keys });
      }
    },
  );
});
