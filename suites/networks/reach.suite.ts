import { expect } from "chai";
import {
  exchangeDatagrams,
  network,
  NetworkEnds,
  REACH_TARGETS,
  suite,
  testCase,
  type CaseContext,
  type CaseNode,
  type End,
  type NetworkDeclaration,
  type ReachTarget,
  type Sending,
} from "../../harness/testkit/index.ts";

type Networks = Readonly<Record<string, NetworkDeclaration>>;
type Context = CaseContext<Record<string, never>, Networks>;

/** Two networks of each type. */
function pairsOf(types: readonly string[]): Networks {
  const keys = types.flatMap((type) => [
    { type, key: type },
    { type, key: `${type}-2` },
  ]);
  return Object.fromEntries(
    keys.map(({ type, key }) => [key, network(`net-${key}`, { type, ipam: "static", byCase: true })]),
  );
}

const textOf = (ends: NetworkEnds, target: ReachTarget): string => `${ends.type}>${target}`;

/** From the sender of each network to everybody of whom its template tells. */
function questions(all: readonly NetworkEnds[]): readonly Sending[] {
  return all.flatMap((ends) =>
    REACH_TARGETS.flatMap((target) => {
      const to = ends.end(target);
      const { verdict } = ends.verdictOn(target);
      if (!to || verdict === "open") return [];
      return [{ from: ends.sender, to, text: textOf(ends, target), expected: verdict === "must" }];
    }),
  );
}

/** That every listener hears, and that the link of the nodes joins them with each other and the peer. */
function controls(asked: readonly Sending[], onLink: readonly End[]): readonly Sending[] {
  const toOneself = [...new Set(asked.map(({ to }) => to).filter(({ netns }) => netns !== undefined))];
  return [
    ...toOneself.map((end, i) => ({ from: end, to: end, text: `control-${i}`, expected: true })),
    ...onLink.flatMap((from, i) => {
      const to = onLink[(i + 1) % onLink.length];
      return to ? [{ from, to, text: `link-${i}`, expected: true }] : [];
    }),
  ];
}

async function ownAddress(on: CaseNode, device: string): Promise<End> {
  const script = 'ip -4 -json address show dev "$1" | jq -r ".[0].addr_info[0].local"';
  const { stdout } = await on.shell(script, device);
  return { on, device, address: stdout.trim() };
}

/** What is said of a network that is not as its template says. */
function departures(all: readonly NetworkEnds[], target: ReachTarget, heard: ReadonlySet<string>): readonly string[] {
  return all.flatMap((ends) => {
    const { verdict, why } = ends.verdictOn(target);
    const isHeard = heard.has(textOf(ends, target));
    if (verdict === "must" && !isHeard) return [`${ends.type} does not reach ${target}, but ${why}`];
    if (verdict === "mustNot" && isHeard) return [`${ends.type} reaches ${target}, but ${why}`];
    return [];
  });
}

/** Runs `ip` with commands on its standard input. */
async function ip(ground: ReadonlyMap<CaseNode, readonly string[]>, { force }: { force: boolean }): Promise<void> {
  for (const [on, lines] of ground) {
    const stdin = lines.map((line) => `${line}\n`).join("");
    const { exitCode, stderr } = await on.exec(["ip", ...(force ? ["-force"] : []), "-batch", "-"], { stdin });
    if (exitCode !== 0 && !force) throw new Error(`the ground for networks could not be laid on ${on.name}: ${stderr}`);
  }
}

interface Reached {
  /** What is wrong as to a target, a sentence for each type that is not as its template says. */
  wrong(target: ReachTarget): readonly string[];
}

/** Makes networks of these types, and sends from each to everybody. */
async function reach(types: readonly string[], context: Context): Promise<Reached> {
  const { nodes, otherNodes, outsidePeer, networks } = context;
  const [node, otherNode] = [...nodes, ...otherNodes];
  if (!node || !otherNode) throw new Error("the case needs two nodes");
  const places = { node, otherNode, peer: await outsidePeer() };
  const all = types.map((type) => {
    const [first, second] = [networks[type], networks[`${type}-2`]];
    if (!first || !second) throw new Error(`no networks of the type ${type}`);
    return new NetworkEnds({ type, network: first, second }, places);
  });
  const [master = ""] = Object.values(networks).map(({ live }) => live.master);
  let heard: ReadonlySet<string>;
  try {
    for (const ends of all) {
      await ip(ends.ground, { force: false });
      await ends.open();
    }
    const asked = questions(all);
    const onLink = [node, otherNode, places.peer].map((on) => ownAddress(on, master));
    const checks = controls(asked, await Promise.all(onLink));
    heard = await exchangeDatagrams([...asked, ...checks], `/run/plumbline-reach-${types[0]}`);
    const deaf = checks.filter(({ text }) => !heard.has(text)).map(({ to }) => `${to.on.name} ${to.address}`);
    if (deaf.length > 0) throw new Error(`the harness does not hear what it sends itself: ${deaf.join(", ")}`);
  } finally {
    for (const ends of all) {
      await ends.close();
      await ip(ends.groundGone, { force: true });
    }
  }
  return { wrong: (target) => departures(all, target, heard) };
}

/** The body of a case about networks of these types. */
function reachesAsItsTemplatesSay(types: readonly string[]) {
  return async (context: Context): Promise<void> => {
    const reached = await reach(types, context);
    for (const target of REACH_TARGETS) {
      await context.claim(target, () => {
        const wrong = reached.wrong(target);
        expect(wrong, `types of network that are not as they are to be, as to ${target}`).to.deep.equal([]);
      });
    }
  };
}

const COMMON = {
  revision: 1,
  layer: "L0",
  level: "extended",
  clauses: ["PLUGINS-who-reaches-whom"],
  needs: ["two-nodes", "outside-peer"],
  pods: {},
} as const;

const bridges = ["bridge", "tuning", "firewall", "portmap", "sbr"];
const macvlans = ["macvlan"];
const pointToPoint = ["ptp", "host-device"];
const taps = ["tap"];
const shaped = ["bandwidth"];
const ipvlans = ["ipvlan"];
const inVrf = ["vrf"];
const vlans = ["vlan"];
const dummies = ["dummy"];

// Types that want the same of the kernel are one case: what it lacks costs no other type.
suite("whom networks reach", () => {
  testCase(
    {
      ...COMMON,
      id: "NET-001",
      title: "bridges join the containers of their node, and nobody else",
      faults: ["bridge-joins-two-networks", "bridge-gives-a-deaf-port"],
      networks: pairsOf(bridges),
    },
    reachesAsItsTemplatesSay(bridges),
  );

  testCase(
    {
      ...COMMON,
      id: "NET-002",
      title: "macvlan interfaces join whoever is on the link of the nodes",
      faults: ["macvlan-is-deaf-on-the-other-node", "macvlan-does-not-let-out"],
      networks: pairsOf(macvlans),
    },
    reachesAsItsTemplatesSay(macvlans),
  );

  testCase(
    {
      ...COMMON,
      id: "NET-003",
      title: "point-to-point links reach their own node, and through it what it has a route to",
      faults: ["host-device-stays-down"],
      networks: pairsOf(pointToPoint),
    },
    reachesAsItsTemplatesSay(pointToPoint),
  );

  testCase(
    {
      ...COMMON,
      id: "NET-004",
      title: "a tap that no program has opened reaches nobody",
      faults: ["tap-is-a-link-after-all"],
      networks: pairsOf(taps),
    },
    reachesAsItsTemplatesSay(taps),
  );

  testCase(
    {
      ...COMMON,
      id: "NET-005",
      title: "a bridge behind a shaper joins the containers of its node, and nobody else",
      faults: ["a-shaped-port-is-deaf"],
      networks: pairsOf(shaped),
    },
    reachesAsItsTemplatesSay(shaped),
  );

  testCase(
    {
      ...COMMON,
      id: "NET-006",
      title: "ipvlan interfaces join whoever is on the link of the nodes",
      faults: ["ipvlan-is-deaf-on-the-other-node"],
      networks: pairsOf(ipvlans),
    },
    reachesAsItsTemplatesSay(ipvlans),
  );

  testCase(
    {
      ...COMMON,
      id: "NET-007",
      title: "a bridge whose interface lies in a VRF joins the containers of its node, and nobody else",
      faults: ["vrf-is-deaf"],
      networks: pairsOf(inVrf),
    },
    reachesAsItsTemplatesSay(inVrf),
  );

  testCase(
    {
      ...COMMON,
      id: "NET-008",
      title: "interfaces of a VLAN join whoever is in it on the link of the nodes",
      faults: ["vlan-has-another-tag-on-the-other-node"],
      networks: pairsOf(vlans),
    },
    reachesAsItsTemplatesSay(vlans),
  );

  testCase(
    {
      ...COMMON,
      id: "NET-009",
      title: "a dummy reaches nobody",
      faults: ["dummy-is-a-link-after-all"],
      networks: pairsOf(dummies),
    },
    reachesAsItsTemplatesSay(dummies),
  );
});
