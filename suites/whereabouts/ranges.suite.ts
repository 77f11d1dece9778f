import { expect } from "chai";
import {
  givenAddresses,
  inShort,
  network,
  PooledContainer,
  suite,
  testCase,
  type CaseNode,
  type LiveNetwork,
  type PluginAnswer,
} from "../../harness/testkit/index.ts";

const ranged = (key: string) => network(key, { type: "bridge", ipam: "whereabouts", byCase: true });
const bounded = ranged("wbr-bounded");
const holed = ranged("wbr-holed");
const whole = ranged("wbr-whole");
const zero = ranged("wbr-zero");
const gated = ranged("wbr-gated");

/** The rest of the error of an ADD that finds no address. */
const USED_UP = "Could not allocate IP in range";

interface Asked {
  readonly live: LiveNetwork;
  readonly ipam: Readonly<Record<string, unknown>>;
  /** Begins the ids of the containers; each has a letter behind it. */
  readonly id: string;
  readonly containers: number;
}

/** What whereabouts answers to containers that ask one after the other. All are let go then. */
async function inTurn(nodes: readonly CaseNode[], { live, ipam, id, containers }: Asked): Promise<PluginAnswer[]> {
  const answers: PluginAnswer[] = [];
  const asking: PooledContainer[] = [];
  for (let n = 0; n < containers; n++) {
    const one = await PooledContainer.open(nodes, `${id}-${"abcdefgh".charAt(n)}`);
    asking.push(one);
    answers.push(await one.add(live, ipam));
  }
  for (const one of asking) await one.del(live, ipam);
  return answers;
}

/** Addresses without prefix lengths, or why there is none. */
const shortly = (answers: readonly PluginAnswer[]): readonly string[] =>
  answers.map((answer) => givenAddresses(answer)[0]?.replace(/\/.*/, "") ?? inShort(answer));

const isUsedUp = (text: string | undefined): string => (text?.includes(USED_UP) ? "used up" : `${text}`);

suite("ranges of whereabouts", () => {
  testCase(
    {
      id: "IPM-015",
      revision: 1,
      title: "addresses are given from the first to the last that is named, in the range or beside it, both included",
      layer: "L0",
      level: "extended",
      clauses: ["WHEREABOUTS-range", "WHEREABOUTS-lowest-free"],
      faults: ["whereabouts-begins-elsewhere-in-the-range", "whereabouts-goes-on-behind-the-end"],
      pods: {},
      networks: { bounded },
    },
    async ({ nodes, networks, claim }) => {
      const { live } = networks.bounded;
      const given = async (id: string, ipam: Asked["ipam"]): Promise<readonly string[]> => {
        const [first = "", second = "", third] = shortly(await inTurn(nodes, { live, ipam, id, containers: 3 }));
        return [first, second, isUsedUp(third)];
      };
      const inRange = await given("ipm-015-text", { range: `${live.address(35)}-${live.address(36)}/28` });
      await claim("as-the-range-says", () => {
        expect(inRange, "what three containers get of a range of two that is written with its ends").to.deep.equal([
          live.address(35),
          live.address(36),
          "used up",
        ]);
      });
      const beside = await given("ipm-015-keys", {
        range: `${live.address(64)}/28`,
        range_start: live.address(70),
        range_end: live.address(71),
      });
      await claim("as-start-and-end-say", () => {
        expect(beside, "what three containers get between range_start and range_end").to.deep.equal([
          live.address(70),
          live.address(71),
          "used up",
        ]);
      });
    },
  );

  testCase(
    {
      id: "IPM-016",
      revision: 1,
      title: "what is excluded is not given, be it a network or an address, and what cannot be read is refused",
      layer: "L0",
      level: "extended",
      clauses: ["WHEREABOUTS-exclude"],
      faults: ["whereabouts-excludes-nothing", "whereabouts-passes-over-what-it-cannot-read"],
      pods: {},
      networks: { holed },
    },
    async ({ nodes, networks, claim }) => {
      const { live } = networks.holed;
      const range = `${live.address(32)}/29`;
      const asked = { live, ipam: { range, exclude: [`${live.address(32)}/30`, live.address(37)] } };
      const [first, second, third] = shortly(await inTurn(nodes, { ...asked, id: "ipm-016", containers: 3 }));
      await claim("all-but-the-excluded", () => {
        expect(
          [first, second, isUsedUp(third)],
          `what three containers get of a /29 without its lower half and .37`,
        ).to.deep.equal([live.address(36), live.address(38), "used up"]);
      });
      const nothing = { range, exclude: [range] };
      const unreadable = { range, exclude: ["no-network"] };
      const [none] = shortly(await inTurn(nodes, { live, ipam: nothing, id: "ipm-016-whole", containers: 1 }));
      const [refused] = shortly(await inTurn(nodes, { live, ipam: unreadable, id: "ipm-016-text", containers: 1 }));
      await claim("nothing-of-what-is-excluded-whole", () => {
        expect(isUsedUp(none), `answer to ADD where the whole range is excluded`).to.equal("used up");
      });
      await claim("says-what-it-cannot-read", () => {
        expect(refused, "answer to ADD where `exclude` has no network").to.contain("could not parse exclude range");
      });
    },
  );

  testCase(
    {
      id: "IPM-017",
      revision: 1,
      title:
        "the address of the network and its broadcast address are not given, and a range without others is refused",
      layer: "L0",
      level: "extended",
      clauses: ["WHEREABOUTS-range"],
      faults: ["whereabouts-gives-the-broadcast-address", "whereabouts-gives-of-a-range-of-two"],
      pods: {},
      networks: { whole },
    },
    async ({ nodes, networks, claim }) => {
      const { live } = networks.whole;
      const four = { live, ipam: { range: `${live.address(64)}/30` }, id: "ipm-017", containers: 3 };
      const two = { live, ipam: { range: `${live.address(128)}/31` }, id: "ipm-017-two", containers: 1 };
      const [first, second, third] = shortly(await inTurn(nodes, four));
      await claim("those-between", () => {
        expect([first, second, isUsedUp(third)], "what three containers get of a /30").to.deep.equal([
          live.address(65),
          live.address(66),
          "used up",
        ]);
      });
      const [refused] = shortly(await inTurn(nodes, two));
      await claim("too-small", () => {
        expect(refused, "answer to ADD for a /31").to.contain("has no usable IP addresses");
      });
    },
  );

  testCase(
    {
      id: "IPM-018",
      revision: 1,
      title: "an address that ends in .0 is not given, also where it lies within the range",
      layer: "L0",
      level: "extended",
      clauses: ["WHEREABOUTS-no-zero"],
      faults: ["whereabouts-stops-before-a-zero", "whereabouts-goes-round-a-zero"],
      pods: {},
      networks: { zero },
    },
    async ({ nodes, networks, claim }) => {
      const { live } = networks.zero;
      const [a = 0, b = 0, c = 0] = live.address(0).split(".").map(Number);
      const after = c === 255 ? `${a}.${b + 1}.0` : `${a}.${b}.${c + 1}`;
      const ipam = {
        range: `${live.address(0)}/15`,
        range_start: live.address(255),
        range_end: `${after}.1`,
        // the range is wider than the network's own: nobody else's addresses are touched
        network_name: live.name,
      };
      const [first, second = ""] = shortly(await inTurn(nodes, { live, ipam, id: "ipm-018", containers: 2 }));
      await claim("gives-what-lies-around", () => {
        expect(first, "the first address of the range").to.equal(live.address(255));
        expect(second, "the next one").to.match(/^[\d.]+$/);
      });
      await claim("none-that-ends-in-0", () => {
        expect(second.replace(`${after}.`, ".../"), `the address after ${live.address(255)}`).not.to.equal(".../0");
      });
    },
  );

  testCase(
    {
      id: "IPM-019",
      revision: 1,
      title: "the gateway that a configuration names is told, and its address is given to nobody",
      layer: "L0",
      level: "extended",
      clauses: ["WHEREABOUTS-gateway"],
      faults: ["whereabouts-tells-no-gateway", "whereabouts-keeps-the-gateway-back"],
      pods: {},
      networks: { gated },
    },
    async ({ nodes, networks, claim }) => {
      const { live } = networks.gated;
      const ipam = { range: live.range, gateway: live.address(1) };
      const [answer] = await inTurn(nodes, { live, ipam, id: "ipm-019", containers: 1 });
      const [ip] = (answer?.json?.["ips"] ?? []) as readonly { readonly address: string; readonly gateway?: string }[];
      await claim("tells-the-gateway", () => {
        expect(ip?.gateway, `gateway of the first address: ${answer && inShort(answer)}`).to.equal(live.address(1));
      });
      await claim("gateway-is-nobodys", () => {
        const whose = ip?.address.startsWith(`${live.address(1)}/`) ? "the gateway's" : "another";
        expect(whose, `the first address that is given, ${ip?.address}`).to.equal("another");
      });
    },
  );
});
