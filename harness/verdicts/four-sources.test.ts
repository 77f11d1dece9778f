import { expect } from "chai";
import fc from "fast-check";
import { fourSources, FOUR_SOURCES_CASES } from "./four-sources.ts";
import type { AttachmentSeen, KernelLink, Lease, PodObservation, PooledAddress } from "./pod-observation.ts";

/** Everything that the sources say, open to be changed. */
interface Draft {
  podIPs: string[];
  /** Raw text, if the annotation is not what `status` says. */
  text?: string | undefined;
  status: {
    [key: string]: unknown;
    name: string;
    interface?: string;
    ips: string[];
    mac?: string;
    default?: boolean;
  }[];
  attachments: AttachmentSeen[];
  links: KernelLink[];
  leases: Lease[];
  pooled: PooledAddress[];
}

const IPAMS = ["host-local", "static", "whereabouts"] as const;

interface Shape {
  readonly ipam: readonly (typeof IPAMS)[number][];
  readonly dual: boolean;
}

/** A pod whose sources agree: the cluster network by host-local, and one attachment for each ipam. */
function agreeing({ ipam, dual }: Shape): Draft {
  const draft: Draft = { podIPs: [], status: [], attachments: [], links: [], leases: [], pooled: [] };
  draft.links.push({ name: "lo", mac: "00:00:00:00:00:00", mtu: 65536, addresses: ["127.0.0.1/8", "::1/128"] });
  for (const [index, type] of ["host-local", ...ipam].entries()) {
    const ifName = index === 0 ? "eth0" : `net${index}`;
    const networkName = index === 0 ? "cbr0" : `plain-${index}`;
    const network = index === 0 ? networkName : `ns/${networkName}`;
    const mac = `02:00:00:00:00:0${index}`;
    const addresses = [`10.210.${index}.2`, ...(dual ? [`fd7b:0:0:${index}::2`] : [])];
    const cidrs = addresses.map((a) => (a.includes(":") ? `${a}/64` : `${a}/24`));
    draft.status.push({
      name: network,
      interface: ifName,
      ips: addresses,
      mac,
      dns: {},
      ...(index === 0 ? { default: true } : {}),
    });
    const interfaces = [
      { name: "veth1", mac: "02:00:00:00:01:00" },
      { name: ifName, mac, sandbox: "/run/netns/x" },
    ];
    const ips = cidrs.map((address) => ({ address, interface: 1 }));
    const result = {
      cniVersion: "1.0.0",
      interfaces,
      ips,
      routes: [],
      dns: { nameservers: [], search: [], options: [] },
    };
    draft.attachments.push({ network, networkName, ifName, isDefault: index === 0, ipam: type, result });
    draft.links.push({ name: ifName, mac, mtu: 1500, addresses: [...cidrs, "fe80::1/64"] });
    if (type === "host-local")
      draft.leases.push(
        ...addresses.map((address) => ({ network: networkName, address, containerId: "sb", ifname: ifName })),
      );
    if (type === "whereabouts")
      draft.pooled.push(...addresses.map((address) => ({ pool: "pool", address, containerId: "sb", ifname: ifName })));
    if (index === 0) draft.podIPs.push(...addresses);
  }
  draft.leases.push({ network: "cbr0", address: "10.210.0.9", containerId: "other", ifname: "eth0" });
  draft.pooled.push({ pool: "pool", address: "10.210.9.9", containerId: "other", ifname: "net1" });
  return draft;
}

function observe(draft: Draft): PodObservation {
  return {
    pod: "ns/p",
    api: { podIPs: draft.podIPs, networkStatus: "text" in draft ? draft.text : JSON.stringify(draft.status) },
    attachments: draft.attachments,
    kernel: { links: draft.links },
    leases: draft.leases,
    pooled: draft.pooled,
    sandboxId: "sb",
  };
}

/** The nth of a list that must have it. */
function at<T>(list: readonly T[], n: number): T {
  const item = list[n];
  if (item === undefined) throw new Error(`no item ${n}`);
  return item;
}

function change<T>(list: T[], n: number, changes: Partial<T>): void {
  list[n] = { ...at(list, n), ...changes };
}

/** The plugin of attachment n lies about its address, and Multus repeats it. */
function lieOfPlugin(draft: Draft, n: number, address: string): void {
  const result = at(draft.attachments, n).result;
  if (!result) throw new Error("no result");
  change(draft.attachments, n, { result: { ...result, ips: [{ address: `${address}/24`, interface: 1 }] } });
  at(draft.status, n).ips = [address];
}

function changeResult(draft: Draft, n: number, changes: Partial<NonNullable<AttachmentSeen["result"]>>): void {
  const result = at(draft.attachments, n).result;
  if (!result) throw new Error("no result");
  change(draft.attachments, n, { result: { ...result, ...changes } });
}

const podInterface = (name: string, mac: string) => [{ name, mac, sandbox: "/run/netns/x" }];

/** Title, cases that must be named (each item once), and the contradiction. Attachment 1 is host-local's, 2 static's, 3 whereabouts'. */
const PLANTED: readonly (readonly [string, readonly string[], (draft: Draft) => void])[] = [
  ["no annotation", ["STA-001"], (d) => (d.text = undefined)],
  ["an annotation that is no JSON", ["STA-001"], (d) => (d.text = "[{")],
  ["an annotation that is no list of maps", ["STA-001"], (d) => (d.text = '["eth0"]')],
  ["a missing entry", ["STA-001"], (d) => d.status.pop()],
  ["a missing cluster entry", ["STA-001"], (d) => d.status.shift()],
  ["a surplus entry", ["STA-001"], (d) => d.status.push({ name: "ns/x", interface: "net9", ips: [] })],
  ["a doubled entry", ["STA-001"], (d) => d.status.push({ ...at(d.status, 1) })],
  [
    "an interface that nobody reports",
    ["STA-001"],
    (d) => d.links.push({ name: "net9", mac: "02:00:00:00:00:09", addresses: [] }),
  ],
  [
    "an attachment that was never made",
    ["STA-001"],
    (d) => {
      d.status.pop();
      d.links.pop();
    },
  ],
  ["a wrong name", ["STA-003"], (d) => (at(d.status, 1).name = "plain-1")],
  ["an empty name of the cluster entry", ["STA-003"], (d) => (at(d.status, 0).name = "")],
  ["a wrong interface in the status", ["STA-004"], (d) => (at(d.status, 1).interface = "net7")],
  ["no interface in the status", ["STA-004"], (d) => delete at(d.status, 1).interface],
  [
    "a wrong interface in the result and the status",
    ["STA-004"],
    (d) => {
      at(d.status, 1).interface = "net7";
      changeResult(d, 1, { interfaces: [{ name: "v" }, ...podInterface("net7", "02:00:00:00:00:01")] });
    },
  ],
  [
    "wrong name and wrong interface of one entry",
    ["STA-003", "STA-004"],
    (d) => {
      at(d.status, 1).interface = "net7";
      at(d.status, 1).name = "x";
    },
  ],
  [
    "two interfaces swapped in the status",
    ["STA-004", "STA-004"],
    (d) => {
      at(d.status, 1).interface = "net2";
      at(d.status, 2).interface = "net1";
    },
  ],
  ["a wrong MAC in the status", ["STA-004"], (d) => (at(d.status, 1).mac = "02:00:00:00:00:77")],
  ["a MAC that is none", ["STA-004"], (d) => (at(d.status, 1).mac = "nonsense")],
  ["no MAC in the status", ["STA-004"], (d) => delete at(d.status, 1).mac],
  [
    "a wrong MAC in the result alone",
    ["STA-004"],
    (d) => changeResult(d, 1, { interfaces: [{ name: "v" }, ...podInterface("net1", "02:00:00:00:00:77")] }),
  ],
  [
    "a wrong MAC in result and status",
    ["STA-004"],
    (d) => {
      at(d.status, 2).mac = "02:00:00:00:00:77";
      changeResult(d, 2, { interfaces: [{ name: "v" }, ...podInterface("net2", "02:00:00:00:00:77")] });
    },
  ],
  [
    "a wrong MTU in the result alone",
    ["STA-004"],
    (d) =>
      changeResult(d, 1, {
        interfaces: [{ name: "v" }, { name: "net1", mac: "02:00:00:00:00:01", sandbox: "/run/netns/x", mtu: 9000 }],
      }),
  ],
  [
    "two wrong names in another order",
    ["STA-003", "STA-003"],
    (d) => {
      at(d.status, 1).name = "x";
      at(d.status, 2).name = "y";
      d.status = d.status.toReversed();
    },
  ],
  ["a wrong MTU in the status", ["STA-004"], (d) => (at(d.status, 1)["mtu"] = 9000)],
  ["an interface that is not there", ["STA-004"], (d) => d.links.splice(2, 1)],
  ["no cached network at all", ["STA-004"], (d) => (d.attachments = [])],
  ["no cached result", ["STA-004"], (d) => change(d.attachments, 1, { result: undefined })],
  ["a plugin that lies about an address", ["STA-005"], (d) => lieOfPlugin(d, 1, "10.210.1.77")],
  ["the same behind static", ["STA-005"], (d) => lieOfPlugin(d, 2, "10.210.2.77")],
  ["Multus lying about an address", ["STA-005"], (d) => (at(d.status, 1).ips = ["10.210.1.77"])],
  ["no addresses in the status", ["STA-005"], (d) => (at(d.status, 1).ips = [])],
  ["an address too many in the status", ["STA-005"], (d) => at(d.status, 1).ips.push("10.210.1.3")],
  ["an address that is none", ["STA-005"], (d) => (at(d.status, 1).ips = ["<nil>"])],
  ["a wrong prefix in the status", ["STA-005"], (d) => (at(d.status, 1).ips = ["10.210.1.2/16"])],
  [
    "a result alone that lies",
    ["STA-005"],
    (d) => changeResult(d, 1, { ips: [{ address: "10.210.1.77/24", interface: 1 }] }),
  ],
  [
    "a wrong prefix in the result",
    ["STA-005"],
    (d) => changeResult(d, 1, { ips: [{ address: "10.210.1.2/16", interface: 1 }] }),
  ],
  [
    "an address given to the host's end",
    ["STA-005"],
    (d) => changeResult(d, 1, { ips: [{ address: "10.210.1.2/24", interface: 0 }] }),
  ],
  ["an address that is not in the kernel", ["STA-005"], (d) => change(d.links, 2, { addresses: ["fe80::1/64"] })],
  [
    "an address that only the kernel has",
    ["STA-005"],
    (d) => change(d.links, 2, { addresses: ["10.210.1.2/24", "10.210.1.3/24"] }),
  ],
  [
    "two plugins lying",
    ["STA-005", "STA-005"],
    (d) => {
      lieOfPlugin(d, 1, "10.210.1.77");
      lieOfPlugin(d, 2, "10.210.2.77");
    },
  ],
  [
    "status and result lying differently",
    ["STA-005", "STA-005"],
    (d) => {
      lieOfPlugin(d, 1, "10.210.1.77");
      at(d.status, 1).ips = ["10.210.1.78"];
    },
  ],
  ["podIPs alone", ["DEF-001"], (d) => (d.podIPs = ["10.210.0.77"])],
  ["no podIPs", ["DEF-001"], (d) => (d.podIPs = [])],
  [
    "the default network's plugin lying to all",
    ["DEF-001"],
    (d) => {
      lieOfPlugin(d, 0, "10.210.0.77");
      d.podIPs = ["10.210.0.77"];
    },
  ],
  ["the status of the cluster network alone", ["STA-005"], (d) => (at(d.status, 0).ips = ["10.210.0.77"])],
  ["no default", ["DEF-001"], (d) => delete at(d.status, 0).default],
  ["two defaults", ["DEF-001"], (d) => (at(d.status, 1).default = true)],
  [
    "another default",
    ["DEF-001"],
    (d) => {
      at(d.status, 0).default = false;
      at(d.status, 1).default = true;
    },
  ],
  ["a missing lease", ["IPM-001"], (d) => (d.leases = d.leases.filter((l) => l.ifname !== "net1"))],
  [
    "a lease of another address",
    ["IPM-001"],
    (d) => (d.leases = d.leases.map((l) => (l.ifname === "net1" ? { ...l, address: "10.210.1.77" } : l))),
  ],
  [
    "a lease too many",
    ["IPM-001"],
    (d) => d.leases.push({ network: "plain-1", address: "10.210.1.77", containerId: "sb", ifname: "net1" }),
  ],
  [
    "a lease in another container's name",
    ["IPM-001"],
    (d) => (d.leases = d.leases.map((l) => (l.ifname === "net1" ? { ...l, containerId: "other" } : l))),
  ],
  [
    "a lease in another interface's name",
    ["IPM-001", "IPM-001"],
    (d) => (d.leases = d.leases.map((l) => (l.ifname === "net1" ? { ...l, ifname: "net8" } : l))),
  ],
  [
    "a lease for a static attachment",
    ["IPM-001"],
    (d) => d.leases.push({ network: "plain-2", address: "10.210.2.2", containerId: "sb", ifname: "net2" }),
  ],
  [
    "a lease under another network",
    ["IPM-001"],
    (d) => (d.leases = d.leases.map((l) => (l.ifname === "net1" ? { ...l, network: "cbr0" } : l))),
  ],
  [
    "a lie and a missing lease together",
    ["STA-005", "IPM-001"],
    (d) => {
      lieOfPlugin(d, 2, "10.210.2.77");
      d.leases = d.leases.filter((l) => l.ifname !== "net1");
    },
  ],
  ["a pool without an entry for an attachment", ["IPM-013"], (d) => d.pooled.shift()],
  ["an entry of another address", ["IPM-013"], (d) => change(d.pooled, 0, { address: "10.210.3.9" })],
  [
    "an entry for an interface without whereabouts",
    ["IPM-013"],
    (d) => d.pooled.push({ ...at(d.pooled, 0), address: "10.210.1.2", ifname: "net1" }),
  ],
];

const SHAPE: Shape = { ipam: IPAMS, dual: false };

describe("fourSources", () => {
  it("finds nothing where they agree", () => {
    const shape = fc.record({
      ipam: fc.array(fc.constantFrom(...IPAMS), { maxLength: 8 }),
      dual: fc.boolean(),
    });
    fc.assert(fc.property(shape, (s) => void expect(fourSources(observe(agreeing(s)))).deep.equal([])));
  });

  for (const [title, cases, plant] of PLANTED) {
    it(`notices ${title}: ${cases.join(" and ")}`, () => {
      const draft = agreeing(SHAPE);
      plant(draft);
      const violations = fourSources(observe(draft));
      expect(
        violations.map((v) => v.clauseCase),
        JSON.stringify(violations),
      ).deep.equal(cases);
      for (const violation of violations) {
        expect(violation).include({ invariant: "four-sources", pod: "ns/p" });
        expect(violation.message).not.match(/undefined|\[object|NaN/);
        expect(violation.expected, violation.thing).not.deep.equal(violation.observed);
        expect(JSON.parse(JSON.stringify(violation))).deep.equal(violation);
      }
      expect(new Set(violations.map((v) => v.thing)).size === violations.length || title.includes("differently")).equal(
        true,
      );
    });
  }

  it("is seen to name each of its cases", () => {
    const named = new Set(PLANTED.flatMap(([, cases]) => cases));
    expect([...named].toSorted()).deep.equal(FOUR_SOURCES_CASES);
  });

  it("tells who lied first", () => {
    const message = (plant: (draft: Draft) => void) => {
      const draft = agreeing(SHAPE);
      plant(draft);
      return fourSources(observe(draft))[0]?.message;
    };
    expect(message((d) => lieOfPlugin(d, 1, "10.210.1.77"))).equal(
      "net1 has 10.210.1.2/24, but the status says 10.210.1.77, as the CNI result does",
    );
    expect(message((d) => (at(d.status, 1).ips = ["10.210.1.77"]))).equal(
      "net1 has 10.210.1.2/24, but the status says 10.210.1.77; the CNI result says 10.210.1.2/24",
    );
    expect(
      message((d) => (d.leases = d.leases.map((l) => (l.ifname === "net1" ? { ...l, containerId: "o" } : l)))),
    ).contain("10.210.1.2 is held by o for net1");
  });

  it("keeps independent lies apart: each is its own item, whatever is planted beside it", () => {
    // contradictions about different attachments or different things do not hide each other
    const about = (n: number, address: string) => (d: Draft) => lieOfPlugin(d, n, address);
    const parts: readonly (readonly [string, (d: Draft) => void])[] = [
      ["STA-005", about(1, "10.210.1.77")],
      ["STA-005", about(2, "10.210.2.77")],
      ["STA-004", (d) => (at(d.status, 1).mac = "02:00:00:00:00:77")],
      ["STA-004", (d) => (at(d.status, 2)["mtu"] = 1)],
      ["STA-003", (d) => (at(d.status, 2).name = "x")],
      ["DEF-001", (d) => (d.podIPs = ["10.210.0.77"])],
      ["IPM-001", (d) => (d.leases = d.leases.filter((l) => l.ifname !== "eth0" || l.containerId !== "sb"))],
      ["STA-001", (d) => d.links.push({ name: "net9", mac: "02:00:00:00:00:09", addresses: [] })],
    ];
    fc.assert(
      fc.property(fc.subarray([...parts]), (chosen) => {
        const draft = agreeing(SHAPE);
        for (const [, plant] of chosen) plant(draft);
        const found = fourSources(observe(draft)).map((v) => v.clauseCase);
        expect(found.toSorted()).deep.equal(chosen.map(([id]) => id).toSorted());
      }),
    );
  });

  it("does not mind what is nobody's lie", () => {
    const quiet = (plant: (draft: Draft) => void) => {
      const draft = agreeing(SHAPE);
      plant(draft);
      expect(fourSources(observe(draft))).deep.equal([]);
    };
    quiet((d) => (d.status = d.status.toReversed()));
    quiet((d) => d.links.push({ name: "tunl0", mac: "00:00:00:00:00:00", addresses: [] }));
    quiet((d) => (at(d.status, 1).ips = ["10.210.1.2/24"]));
    quiet((d) => (at(d.status, 1).mac = "02:00:00:00:00:01".toUpperCase()));
    quiet((d) => (at(d.status, 1)["mtu"] = 1500));
    quiet((d) => (at(d.status, 1).default = false));
    // an IPAM plugin's address without an index, and a plugin that reports no interface at all
    quiet((d) => changeResult(d, 1, { ips: [{ address: "10.210.1.2/24" }] }));
    quiet((d) => {
      changeResult(d, 1, { interfaces: [], ips: [{ address: "10.210.1.2/24" }] });
      delete at(d.status, 1).interface;
      delete at(d.status, 1).mac;
    });
    quiet((d) => d.leases.push({ network: "plain-1", address: "10.210.1.9", containerId: "other", ifname: "net5" }));
    // a second interface of one result has an entry of its own
    quiet((d) => {
      changeResult(d, 1, {
        interfaces: [
          { name: "v" },
          ...podInterface("net1", "02:00:00:00:00:01"),
          ...podInterface("net1b", "02:00:00:00:00:0b"),
        ],
      });
      d.status.push({ name: "ns/plain-1", interface: "net1b", ips: [] });
      d.links.push({ name: "net1b", mac: "02:00:00:00:00:0b", addresses: [] });
    });
    // the same network twice
    quiet((d) => {
      change(d.attachments, 2, { network: "ns/plain-1", networkName: "plain-1" });
      at(d.status, 2).name = "ns/plain-1";
      d.status = d.status.toReversed();
    });
  });
});
