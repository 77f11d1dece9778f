import { expect, util } from "chai";
import {
  network,
  pod,
  scriptedPlugin,
  suite,
  testCase,
  type CaseNode,
  type LiveNetwork,
  type TestPod,
} from "../../harness/testkit/index.ts";

/** Where the test image answers, by TCP and by UDP. */
const ANSWERS_ON = 7777;

const shaping = { ingressRate: 8_128_000, ingressBurst: 812_800, egressRate: 4_064_000, egressBurst: 406_400 };
const shaped = pod("rtc-shaped", [
  {
    network: network("rtc-shaped", {
      type: "bridge",
      ipam: "static",
      edit: (list) => ({
        ...list,
        plugins: [
          ...list.plugins,
          { type: "bandwidth", capabilities: { bandwidth: true } },
          scriptedPlugin({}, { capabilities: { bandwidth: true } }),
        ],
      }),
    }),
    keys: () => ({ bandwidth: shaping }),
  },
]);

/**
 * A bridge that the node is on, too. All is masqueraded: an answer would go by the default route otherwise.
 * @param last further keys of the last plugin, which writes down what it is given
 */
const reachable = (key: string, last?: (live: LiveNetwork) => Readonly<Record<string, unknown>>) =>
  network(key, {
    type: "bridge",
    ipam: "host-local",
    edit: (list, live) => ({
      ...list,
      plugins: [
        ...list.plugins.map((plugin) => ({ ...plugin, isGateway: true })),
        { type: "portmap", capabilities: { portMappings: true }, masqAll: true },
        scriptedPlugin({}, { capabilities: { portMappings: true, mac: true }, ...last?.(live) }),
      ],
    }),
  });
const mapped =
  (...protocols: readonly (string | undefined)[]) =>
  (live: LiveNetwork) => ({
    portMappings: protocols.map((protocol) => ({
      hostPort: live.hostPort,
      containerPort: ANSWERS_ON,
      ...(protocol === undefined ? {} : { protocol }),
    })),
  });
/** One network twice, by another protocol each. */
const mappedTwice = (key: string) => {
  const again = reachable(key);
  return pod(key, [
    // An answer by UDP has the address of the first interface, whichever of the two was asked.
    { network: again, keys: mapped("UDP", "SCTP") },
    { network: again, keys: mapped("tcp") },
  ]);
};
const twice = mappedTwice("rtc-ports-twice");
const forwarded = mappedTwice("rtc-ports");
// What is asked for stands in the definition as well: a fault takes it from there.
const withMac = (live: LiveNetwork) => ({ mac: live.mac, ...mapped("tcp")(live) });
const gone = pod("rtc-ports-gone", [
  {
    network: reachable("rtc-ports-gone", (live) => ({ asked: withMac(live) })),
    mac: (live) => live.mac,
    keys: mapped("tcp"),
  },
]);
// It is to become ready; but where it is refused, that is told at once.
const unnamed = pod("rtc-ports-default", [{ network: reachable("rtc-unnamed"), keys: mapped(undefined) }], {
  refused: true,
});

/** Asks the node's own address on that port, and tells whether what was sent came back. */
async function answers(node: CaseNode, live: LiveNetwork, protocol: "TCP" | "UDP"): Promise<boolean> {
  const script =
    'ip=$(ip -4 -json address show dev "$1" | jq -r ".[0].addr_info[0].local"); ' +
    'printf "ping\\n" | timeout 10 socat -t 3 - "$2:$ip:$3" || true';
  const { stdout } = await node.shell(script, live.master, `${protocol}4`, String(live.hostPort));
  return stdout.includes("ping");
}

/** Where SCTP leads: kernels without it forward it all the same, so the rule is looked at in place of an answer. */
async function sctpRulesOf(node: CaseNode, live: LiveNetwork): Promise<readonly string[]> {
  const script =
    'iptables -w -t nat -S | grep -e "-p sctp" | grep -e "--dport $1 .*DNAT --to-destination .*:$2$" || true';
  const { stdout } = await node.shell(script, String(live.hostPort), String(ANSWERS_ON));
  return stdout.split("\n").filter((rule) => rule !== "");
}

type Given = Readonly<Record<string, unknown>>;

/** What the last plugin of the list was given, of each attachment. */
async function runtimeConfigsOf(testPod: TestPod, command = "ADD"): Promise<readonly (Given | undefined)[]> {
  const calls = await testPod.calls(command);
  return calls.map(({ stdin }) => (stdin as { runtimeConfig?: Given } | undefined)?.runtimeConfig);
}

/**
 * Deletes a pod, and takes out what is left of its rules: the port would lead nowhere for whoever gets it next.
 * @returns the rules that were left
 */
async function deleteWithRules(testPod: TestPod): Promise<readonly string[]> {
  await testPod.delete();
  // The plugins are told from the last one to the first, which has the leases.
  await testPod.leasesLeft();
  const script = `
    iptables -w -t nat -S CNI-HOSTPORT-DNAT | grep -F -- "$1" || exit 0
    for chain in $(iptables -w -t nat -S CNI-HOSTPORT-DNAT | grep -F -- "$1" | sed 's/.*-j //' | sort -u); do
      iptables -w -t nat -S CNI-HOSTPORT-DNAT | grep -- "-j $chain$" | sed 's/^-A/-D/' | while read -r rule; do
        eval "iptables -w -t nat $rule"
      done
      iptables -w -t nat -F "$chain"
      iptables -w -t nat -X "$chain"
    done`;
  const { stdout } = await testPod.onNode.shell(script, testPod.network.name);
  return stdout.split("\n").filter((rule) => rule !== "");
}

const rulesLeft = new WeakMap<TestPod, Promise<readonly string[]>>();

/** The same of a pod that several cases use: whichever asks first deletes it. */
async function deleteOnceWithRules(testPod: TestPod): Promise<readonly string[]> {
  const known = rulesLeft.get(testPod);
  if (known) return known;
  const left = deleteWithRules(testPod);
  rulesLeft.set(testPod, left);
  return left;
}

interface Discipline {
  readonly kind: string;
  readonly dev: string;
  readonly options: { readonly rate?: number };
}

suite("shaping and port forwarding of attachments", () => {
  testCase(
    {
      id: "RTC-009",
      revision: 1,
      title: "`bandwidth` is handed to the plugin and shapes what comes and what goes",
      layer: "L1",
      clauses: ["NPWG-4.1.2.1.8-bandwidth"],
      faults: ["bandwidth-shapes-to-another-rate"],
      needs: ["kernel-ifb"],
      pods: { shaped },
    },
    async ({ pods, claim }) => {
      pods.shaped.seen();
      const given = await runtimeConfigsOf(pods.shaped);
      await claim("bandwidth-in-runtime-config", () => {
        expect(given, `runtimeConfig for ${pods.shaped}`).to.deep.equal([{ bandwidth: shaping }]);
      });
      const inPod = await pods.shaped.exec("ip", "-json", "link", "show", "dev", "net1");
      const [link] = JSON.parse(inPod.stdout) as readonly { readonly link_index?: number }[];
      const onNode = await pods.shaped.onNode.exec(["ip", "-json", "link", "show"]);
      const links = JSON.parse(onNode.stdout) as readonly { readonly ifindex: number; readonly ifname: string }[];
      const hostEnd = links.find(({ ifindex }) => ifindex === link?.link_index)?.ifname ?? "";
      const { stdout } = await pods.shaped.onNode.exec(["tc", "-json", "qdisc", "show"]);
      const disciplines = (JSON.parse(stdout) as readonly Discipline[]).filter(({ kind }) => kind === "tbf");
      // tc tells bytes a second
      await claim("what-comes-is-shaped", () => {
        const rates = disciplines.filter(({ dev }) => dev === hostEnd).map(({ options }) => options.rate);
        expect(rates, `rates of ${hostEnd}, the other end of net1 of ${pods.shaped}`).to.deep.equal([
          shaping.ingressRate / 8,
        ]);
      });
      const filters = await pods.shaped.onNode.exec(["tc", "filter", "show", "dev", hostEnd, "ingress"]);
      await claim("what-goes-is-shaped", () => {
        const [, device] = /Redirect to device (\S+?)\)/.exec(filters.stdout) ?? [];
        const rates = disciplines.filter(({ dev }) => dev === device).map(({ options }) => options.rate);
        expect(rates, `rates of ${device}, where ${hostEnd} leads what ${pods.shaped} sends`).to.deep.equal([
          shaping.egressRate / 8,
        ]);
      });
    },
  );

  testCase(
    {
      id: "RTC-016",
      revision: 1,
      title: "port mappings of two attachments of one pod to the same network both work",
      layer: "L1",
      clauses: ["NPWG-4.2-same-network-twice", "NPWG-4.1.2.1.7-port-mappings"],
      faults: ["portmap-forwards-for-one-of-two-attachments"],
      pods: { twice },
    },
    async ({ pods, claim }) => {
      pods.twice.seen();
      const live = pods.twice.network;
      const net1 = live && (await answers(pods.twice.onNode, live, "UDP"));
      const net2 = live && (await answers(pods.twice.onNode, live, "TCP"));
      await deleteWithRules(pods.twice);
      await claim("both-are-forwarded", () => {
        expect({ net1, net2 }, `whether the host ports of the attachments of ${pods.twice} answer`).to.deep.equal({
          net1: true,
          net2: true,
        });
      });
    },
  );

  testCase(
    {
      id: "RTC-007",
      revision: 2,
      title:
        "`portMappings` lead from a port of the node to the attachment, for any spelling of the protocol, TCP by default",
      layer: "L1",
      clauses: ["NPWG-4.1.2.1.7-port-mappings"],
      faults: [
        "port-mappings-are-not-handed-on",
        "portmap-takes-a-mapping-without-protocol-for-tcp",
        "portmap-maps-no-sctp",
      ],
      pods: { forwarded, unnamed },
    },
    async ({ pods, claim }) => {
      pods.forwarded.seen();
      const { onNode, attachments, network: live } = pods.forwarded;
      const given = await runtimeConfigsOf(pods.forwarded);
      const sctp = await sctpRulesOf(onNode, live);
      const answered = [await answers(onNode, live, "TCP"), await answers(onNode, live, "UDP")];
      await deleteWithRules(pods.forwarded);
      const { refused } = pods.unnamed.outcome();
      const other = pods.unnamed.network;
      const tcp = !refused && (await answers(pods.unnamed.onNode, other, "TCP"));
      // before anything is claimed: rules that stay would lead the next run's port to nobody
      if (!refused) await deleteWithRules(pods.unnamed);
      await claim("mappings-in-runtime-config", () => {
        const asked = attachments.map(({ request, network: own }) => request.keys?.(own));
        expect(given, `runtimeConfig for ${pods.forwarded}`).to.deep.equal(asked);
      });
      await claim("ports-are-forwarded", () => {
        expect(answered, `whether port ${live.hostPort} of ${onNode.name} answers by TCP and UDP`).to.deep.equal([
          true,
          true,
        ]);
      });
      await claim("sctp-is-mapped", () => {
        expect(sctp, `where port ${live.hostPort} of ${onNode.name} leads by SCTP`).to.have.length(1);
      });
      await claim("tcp-by-default", () => {
        expect({ refused, tcp }, `what became of ${pods.unnamed}, whose mapping names no protocol`).to.deep.equal({
          refused: false,
          tcp: true,
        });
      });
    },
  );

  testCase(
    {
      id: "TD-004",
      revision: 1,
      title: "no port of the node leads to an attachment any more when its pod is gone",
      layer: "L1",
      level: "extended",
      clauses: ["NPWG-7.2-teardown", "CNI-2-del-releases"],
      faults: ["port-mappings-are-handed-on-at-teardown"],
      pods: { gone },
    },
    async ({ pods, claim }) => {
      pods.gone.seen();
      const left = await deleteOnceWithRules(pods.gone);
      await claim("rules-removed", () => {
        expect(left, `rules that lead to ports of ${pods.gone}`).to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "CNI-017",
      revision: 1,
      title: "DEL is given the same `runtimeConfig` as ADD",
      layer: "L1",
      clauses: ["CNI-3-runtime-config"],
      faults: ["runtime-config-is-handed-on-at-teardown", "mac-is-not-handed-on-at-teardown"],
      pods: { gone },
    },
    async ({ pods, claim }) => {
      pods.gone.seen();
      await deleteOnceWithRules(pods.gone);
      const [added = {}] = await runtimeConfigsOf(pods.gone, "ADD");
      const [deleted = {}] = await runtimeConfigsOf(pods.gone, "DEL");
      const given = Object.keys(added).toSorted();
      await claim("runtime-config-of-the-add", () => {
        expect(given, `keys of runtimeConfig of the ADD for ${pods.gone}`).to.deep.equal(["mac", "portMappings"]);
      });
      const others = given.filter((key) => !util.eql(deleted[key], added[key]));
      await claim("same-for-del", () => {
        expect(others, `keys of runtimeConfig that DEL for ${pods.gone} was not given as ADD was`).to.deep.equal([]);
      });
    },
  );
});
