import { expect } from "chai";
import {
  givenAddresses,
  inShort,
  loseEntry,
  network,
  ofNetwork,
  PooledContainer,
  poolName,
  readWhereabouts,
  reservationName,
  suite,
  testCase,
  type PluginAnswer,
} from "../../harness/testkit/index.ts";

const asked = (key: string) => network(key, { type: "bridge", ipam: "whereabouts", byCase: true });
const retaken = asked("wbo-retaken");
const dual = asked("wbo-dual");
const tenants = asked("wbo-tenants");
const lapping = asked("wbo-lapping");
const crowded = asked("wbo-crowded");

/** Addresses of answers without prefix lengths, or why there is none. */
const shortly = (answer: PluginAnswer): readonly string[] => {
  const given = givenAddresses(answer).map((cidr) => cidr.replace(/\/.*/, ""));
  return given.length > 0 ? given : [inShort(answer)];
};

/** How many ask at once on each node; whoever waits for its turn counts against the time of its call. */
const CROWD = 4;

suite("whom whereabouts gives addresses", () => {
  testCase(
    {
      id: "IPM-022",
      revision: 1,
      title:
        "a pod that comes again under its name has its address again, and the end of its former sandbox frees nothing",
      layer: "L0",
      level: "extended",
      clauses: ["WHEREABOUTS-tracked", "WHEREABOUTS-freed"],
      faults: ["whereabouts-knows-no-pod-again", "whereabouts-frees-what-another-sandbox-has"],
      pods: {},
      networks: { retaken },
    },
    async ({ nodes, networks, kube, claim }) => {
      const { live } = networks.retaken;
      const ipam = { range: live.range };
      const [former, other, latter] = [
        await PooledContainer.open(nodes, "ipm-022-former", { podName: "ipm-022" }),
        await PooledContainer.open(nodes, "ipm-022-other"),
        await PooledContainer.open(nodes, "ipm-022-latter", { podName: "ipm-022" }),
      ];
      const holders = async (): Promise<readonly string[]> => {
        const { entries } = ofNetwork(await readWhereabouts(kube), live);
        return entries.map(({ address, containerId }) => `${address} ${containerId}`).toSorted();
      };
      const first = shortly(await former.add(live, ipam));
      await other.add(live, ipam);
      const second = shortly(await latter.add(live, ipam));
      const expected = [`${live.address(1)} ipm-022-latter`, `${live.address(2)} ipm-022-other`];
      await claim("has-it-again", async () => {
        expect(second, "address of the second sandbox of a pod").to.deep.equal(first);
        expect(await holders(), "who has addresses of the range").to.deep.equal(expected);
      });
      await former.del(live, ipam);
      await claim("kept-when-the-former-ends", async () => {
        expect(await holders(), "who has addresses after the DEL of the first sandbox").to.deep.equal(expected);
      });
      for (const one of [latter, other]) await one.del(live, ipam);
    },
  );

  testCase(
    {
      id: "IPM-023",
      revision: 1,
      title: "an interface has one address of each range in their order, and DEL frees all that are held",
      layer: "L0",
      level: "extended",
      clauses: ["WHEREABOUTS-several-ranges", "WHEREABOUTS-freed", "CNI-2-del-of-what-is-gone"],
      faults: [
        "whereabouts-gives-of-the-first-range-alone",
        "whereabouts-frees-the-first-range-alone",
        "whereabouts-frees-the-last-range-first",
      ],
      pods: {},
      networks: { dual },
    },
    async ({ nodes, networks, kube, claim }) => {
      const { live } = networks.dual;
      const ipam = { range: live.range, ipRanges: [{ range: live.range6 }] };
      const whole = await PooledContainer.open(nodes, "ipm-023-whole");
      const robbed = await PooledContainer.open(nodes, "ipm-023-robbed");
      const heldOf = async (id: string): Promise<readonly string[]> => {
        const { entries } = ofNetwork(await readWhereabouts(kube), live);
        return entries.filter(({ containerId }) => containerId === id).map(({ pool }) => pool);
      };
      const answer = await whole.add(live, ipam);
      await claim("one-of-each-in-order", () => {
        expect(shortly(answer), `addresses of ${live.range} and of ${live.range6}`).to.deep.equal([
          live.address(1),
          live.address6(1),
        ]);
      });
      await whole.del(live, ipam);
      await claim("all-are-freed", async () => {
        expect(await heldOf(whole.id), "pools that still have an entry after DEL").to.deep.equal([]);
      });
      await robbed.add(live, ipam);
      const { entries } = ofNetwork(await readWhereabouts(kube), live);
      for (const entry of entries.filter(({ pool }) => pool === poolName(live.range))) await loseEntry(kube, entry);
      const deleted = await robbed.del(live, ipam);
      await claim("freed-although-the-first-was-lost", async () => {
        expect(inShort(deleted), "answer to DEL").to.equal("exit 0");
        const left = (await heldOf(robbed.id)).map((pool) => (pool === poolName(live.range6) ? "the second" : pool));
        expect(left, "ranges that still have an entry after DEL, that of the first being lost before").to.deep.equal(
          [],
        );
      });
    },
  );

  testCase(
    {
      id: "IPM-024",
      revision: 1,
      title: "a range is given once for each name of a network, in a pool and with reservations of its own",
      layer: "L0",
      level: "extended",
      clauses: ["WHEREABOUTS-network-names"],
      faults: ["whereabouts-knows-no-names-of-networks"],
      pods: {},
      networks: { tenants },
    },
    async ({ nodes, networks, kube, claim }) => {
      const { live } = networks.tenants;
      const names = ["", `${live.name}-red`, `${live.name}-blue`];
      const ipamOf = (name: string) => ({ range: live.range, ...(name === "" ? {} : { network_name: name }) });
      const given: string[] = [];
      const asking: PooledContainer[] = [];
      for (const [n, name] of names.entries()) {
        const one = await PooledContainer.open(nodes, `ipm-024-${n}`);
        asking.push(one);
        given.push(...shortly(await one.add(live, ipamOf(name))));
      }
      const { entries, reservations } = ofNetwork(await readWhereabouts(kube), live);
      for (const [n, one] of asking.entries()) await one.del(live, ipamOf(names[n] ?? ""));
      await claim("each-has-the-lowest", () => {
        expect(given, "addresses of three containers on networks of different names").to.deep.equal(
          names.map(() => live.address(1)),
        );
      });
      await claim("pool-and-reservation-of-its-own", () => {
        const pools = entries.map(({ pool }) => pool);
        expect(pools, "pools of the three").to.have.members(names.map((name) => poolName(live.range, name)));
        const reserved = reservations.map(({ name }) => name);
        expect(reserved, "reservations of the three").to.have.members(
          names.map((name) => reservationName(live.address(1), name)),
        );
      });
    },
  );

  testCase(
    {
      id: "IPM-033",
      revision: 1,
      title: "an address of one range is not given by another that overlaps, unless both say that it may be",
      layer: "L0",
      level: "extended",
      clauses: ["WHEREABOUTS-overlapping-ranges"],
      faults: ["whereabouts-looks-at-its-own-range-alone", "whereabouts-looks-at-other-ranges-all-the-same"],
      pods: {},
      networks: { lapping },
    },
    async ({ nodes, networks, claim }) => {
      const { live } = networks.lapping;
      const apart = { enable_overlapping_ranges: false };
      const configs = {
        wide: { range: live.range },
        narrow: { range: `${live.address(0)}/25` },
        "apart-wide": { range: `${live.address(128)}/25`, ...apart },
        "apart-narrow": { range: `${live.address(128)}/26`, ...apart },
      };
      const given: Record<string, readonly string[]> = {};
      const undo: (() => Promise<unknown>)[] = [];
      for (const [name, ipam] of Object.entries(configs)) {
        const one = await PooledContainer.open(nodes, `ipm-033-${name}`);
        undo.push(async () => one.del(live, ipam));
        given[name] = shortly(await one.add(live, ipam));
      }
      for (const del of undo) await del();
      await claim("no-address-twice", () => {
        expect([given["wide"], given["narrow"]], "addresses of two ranges that overlap").to.deep.equal([
          [live.address(1)],
          [live.address(2)],
        ]);
      });
      await claim("twice-where-it-may-be", () => {
        expect([given["apart-wide"], given["apart-narrow"]], "the same where both ranges say so").to.deep.equal([
          [live.address(129)],
          [live.address(129)],
        ]);
      });
    },
  );

  testCase(
    {
      id: "IPM-031",
      revision: 1,
      title: "containers on two nodes that ask at once all get an address, and none gets that of another",
      layer: "L0",
      level: "extended",
      clauses: ["WHEREABOUTS-lowest-free", "CNI-3-plugins-lock"],
      faults: ["whereabouts-gives-one-address-twice", "whereabouts-gives-up-in-a-crowd"],
      needs: ["two-nodes"],
      pods: {},
      networks: { crowded },
    },
    async ({ nodes, otherNodes, networks, kube, claim }) => {
      const { live } = networks.crowded;
      const ipam = { range: live.range };
      const [here, there] = [nodes.slice(0, 1), [...otherNodes, ...nodes.slice(1)].slice(0, 1)];
      const crowds = await Promise.all(
        [here, there].map(async (own, n) => {
          const asking: PooledContainer[] = [];
          for (let i = 0; i < CROWD; i++) asking.push(await PooledContainer.open(own, `ipm-031-${"ab".charAt(n)}${i}`));
          return asking;
        }),
      );
      const answers = (
        await Promise.all(crowds.map(async (asking) => PooledContainer.addAll(asking, live, ipam)))
      ).flat();
      const { entries } = ofNetwork(await readWhereabouts(kube), live);
      for (const one of crowds.flat()) await one.del(live, ipam);
      const given = answers.flatMap(shortly);
      await claim("each-has-one", () => {
        const failed = answers.filter((answer) => givenAddresses(answer).length !== 1).map((answer) => inShort(answer));
        expect(failed, `ADDs without an address, of ${2 * CROWD} at once on two nodes`).to.deep.equal([]);
      });
      await claim("no-address-twice", () => {
        expect([...new Set(given)], "different addresses").to.deep.equal(given);
      });
      await claim("held-in-the-pool", () => {
        const held = entries.map(({ address }) => address);
        expect(held, `addresses that the pool of ${live.range} holds`).to.have.members(given);
      });
    },
  );
});
