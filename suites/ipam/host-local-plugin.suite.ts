import { expect } from "chai";
import {
  BareContainer,
  inShort,
  network,
  suite,
  testCase,
  type CaseNode,
  type LiveNetwork,
  type PluginAnswer,
} from "../../harness/testkit/index.ts";

const turns = network("ipm-turns", { type: "bridge", ipam: "host-local", byCase: true });
const small = network("ipm-small", { type: "bridge", ipam: "host-local", byCase: true });
const wanted = network("ipm-wanted", { type: "bridge", ipam: "host-local", byCase: true });

type Range = Readonly<Record<string, string>>;

/** What host-local is asked with: sets of ranges, one address of each. */
function configOf(live: LiveNetwork, sets: readonly (readonly Range[])[]) {
  return { cniVersion: "1.0.0", name: live.name, type: "bridge", ipam: { type: "host-local", ranges: sets } };
}

const addressesOf = ({ json }: PluginAnswer): readonly string[] =>
  ((json?.["ips"] ?? []) as readonly { address: string }[]).map(({ address }) => address.replace(/\/.*/, ""));

/** Containers by one letter each. */
async function containers<K extends string>(
  nodes: readonly CaseNode[],
  { prefix, names }: { readonly prefix: string; readonly names: readonly K[] },
): Promise<Record<K, BareContainer>> {
  const made: [string, BareContainer][] = [];
  for (const name of names) made.push([name, await BareContainer.open(nodes, `${prefix}-${name}`)]);
  return Object.fromEntries(made) as Record<K, BareContainer>;
}

/** What host-local is configured with although it cannot work so, and a word of the error that says why. */
const UNUSABLE = (
  live: LiveNetwork,
): readonly { what: string; ipam: Readonly<Record<string, unknown>>; says: string }[] => {
  const subnet = live.range;
  return [
    { what: "no ranges", ipam: {}, says: "no IP ranges specified" },
    { what: "a range of two addresses", ipam: { ranges: [[{ subnet: `${live.address(4)}/31` }]] }, says: "too small" },
    { what: "host bits", ipam: { ranges: [[{ subnet: `${live.address(4)}/24` }]] }, says: "host bits set" },
    { what: "a start outside", ipam: { ranges: [[{ subnet, rangeStart: "198.51.100.1" }]] }, says: "198.51.100.1" },
    {
      what: "an end before the start",
      ipam: { ranges: [[{ subnet, rangeStart: live.address(9), rangeEnd: live.address(8) }]] },
      says: live.address(9),
    },
    { what: "two families in a set", ipam: { ranges: [[{ subnet }, { subnet: live.range6 }]] }, says: "famil" },
    { what: "one range twice in a set", ipam: { ranges: [[{ subnet }, { subnet }]] }, says: "overlap" },
    { what: "one range in two sets", ipam: { ranges: [[{ subnet }], [{ subnet }]] }, says: "overlap" },
  ];
};

suite("host-local by itself", () => {
  testCase(
    {
      id: "IPM-002",
      revision: 1,
      title: "host-local goes round its range, from its start to its end, and leaves the gateway out",
      layer: "L0",
      level: "extended",
      clauses: ["PLUGINS-host-local-order"],
      faults: ["host-local-forgets-what-it-gave-last", "host-local-gives-the-gateway-away"],
      pods: {},
      networks: { turns },
    },
    async ({ nodes, networks, claim }) => {
      const { live } = networks.turns;
      const ranged = configOf(live, [
        [{ subnet: live.range, gateway: live.gateway, rangeStart: live.address(10), rangeEnd: live.address(12) }],
      ]);
      const some = await containers(nodes, { prefix: "ipm-002", names: ["a", "b", "c", "d"] });
      const given: string[] = [];
      given.push(...addressesOf(await some.a.callIpam("ADD", ranged)));
      given.push(...addressesOf(await some.b.callIpam("ADD", ranged)));
      await some.a.callIpam("DEL", ranged);
      given.push(...addressesOf(await some.c.callIpam("ADD", ranged)));
      given.push(...addressesOf(await some.d.callIpam("ADD", ranged)));
      for (const one of Object.values(some)) await one.callIpam("DEL", ranged);
      await claim("one-after-the-other", () => {
        const expected = [10, 11, 12, 10].map((n) => live.address(n));
        expect(given, `addresses given in turn, the first released after the second, in ${live.range}`).to.deep.equal(
          expected,
        );
      });
      const whole = configOf(live, [[{ subnet: `${live.address(64)}/29` }]]);
      const all: string[] = [];
      const more = await containers(nodes, { prefix: "ipm-002", names: ["1", "2", "3", "4", "5", "6"] });
      for (const one of Object.values(more)) all.push(...addressesOf(await one.callIpam("ADD", whole)));
      for (const one of Object.values(more)) await one.callIpam("DEL", whole);
      await claim("all-but-the-gateway", () => {
        const expected = [66, 67, 68, 69, 70].map((n) => live.address(n));
        expect(all, `addresses that six containers got of a /29 whose first address is the gateway`).to.have.members(
          expected,
        );
      });
    },
  );

  testCase(
    {
      id: "IPM-003",
      revision: 1,
      title: "a range that is used up fails ADD, keeps nothing of it, and gives again after a DEL",
      layer: "L0",
      level: "extended",
      clauses: ["PLUGINS-host-local-exhaustion"],
      faults: ["host-local-keeps-half-of-what-failed"],
      pods: {},
      networks: { small },
    },
    async ({ nodes, networks, claim }) => {
      const { live } = networks.small;
      const plenty = { subnet: `${live.address(0)}/25` };
      const one = { subnet: `${live.address(128)}/25`, rangeStart: live.address(140), rangeEnd: live.address(140) };
      const config = configOf(live, [[plenty], [one]]);
      const { first, second } = await containers(nodes, { prefix: "ipm-003", names: ["first", "second"] });
      await first.callIpam("ADD", config);
      const refused = await second.callIpam("ADD", config);
      const { stdout } = await second.invoker.exec([
        "sh",
        "-c",
        'grep -rl -- "$1" "/var/lib/cni/networks/$2" || true',
        "sh",
        second.id,
        live.name,
      ]);
      await first.callIpam("DEL", config);
      const again = await second.callIpam("ADD", config);
      await second.callIpam("DEL", config);
      await claim("fails", () => {
        expect(inShort(refused), "the ADD that one range has no address for").to.contain(
          "no IP addresses available in range set",
        );
      });
      await claim("keeps-nothing", () => {
        expect(stdout.trim(), "reservations of the ADD that failed").to.equal("");
      });
      await claim("recovers", () => {
        expect(addressesOf(again), `addresses of the next ADD after a DEL: ${inShort(again)}`).to.include(
          live.address(140),
        );
      });
    },
  );

  testCase(
    {
      id: "IPM-004",
      revision: 1,
      title: "a requested address is given, or ADD fails if it is taken, the gateway's, or of no range",
      layer: "L0",
      level: "extended",
      clauses: ["PLUGINS-host-local-requested"],
      faults: ["host-local-ignores-a-request", "host-local-gives-another-than-requested"],
      pods: {},
      networks: { wanted },
    },
    async ({ nodes, networks, claim }) => {
      const { live } = networks.wanted;
      const plain = configOf(live, [[{ subnet: live.range, gateway: live.gateway }]]);
      const asking = (address: string) => ({ ...plain, runtimeConfig: { ips: [address] } });
      const { holder, other } = await containers(nodes, { prefix: "ipm-004", names: ["holder", "other"] });
      const granted = await holder.callIpam("ADD", asking(live.address(150)));
      const requests = {
        "in use": live.address(150),
        "the gateway": live.gateway,
        "outside of the range": "198.51.100.7",
      };
      const wrong: string[] = [];
      for (const [what, address] of Object.entries(requests)) {
        const answer = await other.callIpam("ADD", asking(address));
        if (answer.exitCode === 0 || !inShort(answer).includes(address)) wrong.push(`${what}: ${inShort(answer)}`);
        await other.callIpam("DEL", plain);
      }
      const twice = await holder.callIpam("ADD", plain);
      await holder.callIpam("DEL", plain);
      await claim("given", () => {
        expect(addressesOf(granted), "addresses of the ADD that asked for one").to.deep.equal([live.address(150)]);
      });
      await claim("refused-by-name", () => {
        expect(wrong, "requests that were not refused, naming the address").to.deep.equal([]);
      });
      await claim("one-address-a-container", () => {
        expect(inShort(twice), "a second ADD for the same container and interface").to.contain("duplicate allocation");
      });
    },
  );

  testCase(
    {
      id: "IPM-005",
      revision: 1,
      title: "host-local refuses ranges that it cannot work with, and says why",
      layer: "L0",
      level: "extended",
      clauses: ["PLUGINS-host-local-ranges"],
      faults: ["host-local-takes-overlapping-ranges"],
      pods: {},
      networks: { wanted },
    },
    async ({ nodes, networks, claim }) => {
      const { live } = networks.wanted;
      const wrong: string[] = [];
      for (const { what, ipam, says } of UNUSABLE(live)) {
        const container = await BareContainer.open(nodes, `ipm-005-${what.replaceAll(" ", "-")}`);
        const config = { ...configOf(live, []), ipam: { type: "host-local", ...ipam } };
        const answer = await container.callIpam("ADD", config);
        if (answer.exitCode === 0 || !inShort(answer).includes(says)) wrong.push(`${what}: ${inShort(answer)}`);
        await container.callIpam("DEL", configOf(live, [[{ subnet: live.range }]]));
      }
      await claim("says-why", () => {
        expect(wrong, "configurations that were not refused for their reason").to.deep.equal([]);
      });
    },
  );
});
