import { expect } from "chai";
import type { NodeTransport } from "../nodes/transport.ts";
import { CaseNode } from "./case-node.ts";
import { environmentName, POOL_A, resourceOf, VirtualFunctions } from "./virtual-functions.ts";

const PCI = "0000:a1:10.0";
const STATUS = {
  pf: "simpf0",
  pci: "0000:a1:00.0",
  functions: [
    { pci: PCI, vf: 0, driver: "igbvf", interface: "simvf0", mac: "02:5a:00:00:00:00", where: "home" },
    { pci: "0000:a1:10.1", vf: 1, driver: "igbvf", interface: "simvf1", mac: "02:5a:00:00:00:01", where: "away" },
  ],
};
const EVENTS = ["lost", "made-again", "lost"].map((event, i) =>
  JSON.stringify({
    at: "2026-01-01T00:00:00Z",
    pci: i === 2 ? "0000:a1:10.1" : PCI,
    vf: 0,
    interface: "simvf0",
    event,
  }),
);
const CHECKPOINT = {
  Data: {
    PodDeviceEntries: [
      { PodUID: "u1", ContainerName: "b", ResourceName: POOL_A, DeviceIDs: { "0": ["0000:a1:10.1"] } },
      { PodUID: "u1", ContainerName: "a", ResourceName: POOL_A, DeviceIDs: { "0": [PCI] } },
      { PodUID: "u2", ContainerName: "a", ResourceName: "other/pool", DeviceIDs: { "-1": ["x"] } },
    ],
    RegisteredDevices: { [POOL_A]: ["0000:a1:10.1", PCI] },
  },
};

/** A node that says what it is asked for, and keeps what was done there. */
function nodeOf(links: Readonly<Record<string, unknown>> = {}) {
  const done: string[] = [];
  const exec = async (argv: readonly string[], options: { stdin?: string } = {}) => {
    const line = argv.join(" ");
    const said = (value: unknown, exitCode = 0) => ({ exitCode, stdout: String(value), stderr: "" });
    if (line.endsWith("simvf status")) return said(JSON.stringify(STATUS));
    if (line.includes("events.jsonl")) return said(EVENTS.join("\n"));
    if (line.startsWith("stat ")) return said("1767225600.250\n");
    if (line.includes("kubelet_internal_checkpoint")) return said(JSON.stringify(CHECKPOINT));
    if (line.startsWith("ip -j link show")) {
      const link = links[argv.at(-1) ?? ""];
      return link === undefined ? said("", 1) : said(JSON.stringify([link]));
    }
    done.push([argv[0] === "sh" ? `sh ${argv.slice(4).join(" ")}` : line, options.stdin].filter(Boolean).join("\n"));
    return said("");
  };
  const node = new CaseNode({ node: "n1", exec } as unknown as NodeTransport);
  return { vfs: new VirtualFunctions(node), done };
}

describe("virtual functions of a node", () => {
  it("are lost as often as events of that VF say", async () => {
    const { vfs } = nodeOf();
    expect(await vfs.timesLost(PCI)).to.equal(1);
    expect(await vfs.timesLost(PCI, "0000:a1:10.1")).to.equal(2);
    expect(await vfs.timesLost()).to.equal(0);
    const [lostAt] = (await vfs.events()).flatMap(({ event, pci, at }) =>
      event === "lost" && pci === PCI ? [at] : [],
    );
    const lostAtMs = Date.parse(lostAt ?? "never");
    expect(await vfs.timesLostSince(lostAtMs, PCI)).to.equal(1);
    expect(await vfs.timesLostSince(lostAtMs + 1, PCI)).to.equal(0);
  });

  it("belong to the pod that the kubelet names, in the order of addresses", async () => {
    const { vfs } = nodeOf();
    expect(await vfs.devicesOf({ uid: "u1" })).to.deep.equal([PCI, "0000:a1:10.1"]);
    expect(await vfs.devicesOf({ uid: "u2" }, POOL_A)).to.deep.equal([]);
    expect(await vfs.registered(POOL_A)).to.deep.equal([PCI, "0000:a1:10.1"]);
    expect(await vfs.registered("other/pool")).to.deep.equal([]);
    expect(await vfs.registeredAtMs()).to.equal(Date.UTC(2026, 0, 1, 0, 0, 0, 250));
  });

  it("are waited for until they are down, and found under no other name", async () => {
    const link = { ifname: "simvf0", address: "02:5a:00:00:00:00", mtu: 1500, flags: ["BROADCAST"] };
    const { vfs } = nodeOf({ simvf0: link });
    expect(await vfs.whenHome(PCI)).to.deep.equal({ name: "simvf0", mac: link.address, mtu: 1500, up: false });
    expect(await vfs.atHome("0000:a1:10.1")).to.equal(undefined);
  });

  it("are put right by the program that made them", async () => {
    const { vfs, done } = nodeOf();
    await vfs.tidy(PCI);
    expect(done).to.deep.equal([`/opt/plumbline/bin/simvf tidy ${PCI}`]);
  });
});

describe("a pool", () => {
  it("is named in the definition of a network, and by a variable of the container", () => {
    expect(resourceOf(POOL_A)).to.deep.equal({ "k8s.v1.cni.cncf.io/resourceName": POOL_A });
    expect(environmentName(POOL_A)).to.equal("PCIDEVICE_PLUMBLINE_DEV_SIMVF_A");
    expect(environmentName("my-nics.example.com/fast")).to.equal("PCIDEVICE_MY-NICS_EXAMPLE_COM_FAST");
  });
});
