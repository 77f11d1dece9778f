import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { hardwareVfs, registeredDevices } from "./hardware-vfs.ts";

const run = promisify(execFile);

/** This host in the place of a node. */
const here = { exec: async ([program = "", ...args]: readonly string[]) => run(program, args) };

interface Function {
  readonly driver?: string;
  readonly pf?: string;
  readonly net?: Readonly<{ name: string; address: string; mtu: number; flags: string }>;
}

describe("hardwareVfs", () => {
  let sysfs: string;
  beforeEach(() => void (sysfs = mkdtempSync(path.join(tmpdir(), "plumbline-sysfs-"))));
  afterEach(() => rmSync(sysfs, { recursive: true }));

  function add(pci: string, { driver, pf, net }: Function): void {
    const device = path.join(sysfs, "bus/pci/devices", pci);
    mkdirSync(device, { recursive: true });
    if (pf !== undefined) symlinkSync(`../${pf}`, path.join(device, "physfn"));
    if (driver !== undefined) {
      mkdirSync(path.join(sysfs, "bus/pci/drivers", driver), { recursive: true });
      symlinkSync(`../../drivers/${driver}`, path.join(device, "driver"));
    }
    if (!net) return;
    const { name, ...values } = net;
    mkdirSync(path.join(device, "net", name), { recursive: true });
    mkdirSync(path.join(sysfs, "class/net", name), { recursive: true });
    for (const [file, value] of Object.entries(values)) {
      writeFileSync(path.join(sysfs, "class/net", name, file), `${value}\n`);
    }
  }

  it("are the functions of another one, with the interface of those that have one on the node", async () => {
    const pf = "0000:af:00.0";
    const net = { name: "ens1f0v0", address: "02:5a:00:00:00:01", mtu: 1500, flags: "0x1003" };
    add(pf, { driver: "ice", net: { ...net, name: "ens1f0" } });
    add("0000:af:10.0", { driver: "iavf", pf, net });
    add("0000:af:10.1", { driver: "iavf", pf, net: { ...net, name: "ens1f0v1", mtu: 9000, flags: "0x1002" } });
    add("0000:af:10.2", { driver: "iavf", pf });
    add("0000:af:10.3", { driver: "vfio-pci", pf });
    add("0000:af:10.4", { pf });
    const link = { name: "ens1f0v0", mac: "02:5a:00:00:00:01", mtu: 1500, up: true };
    expect(await hardwareVfs(here, sysfs)).to.deep.equal([
      { pci: "0000:af:10.0", pf, driver: "iavf", link },
      { pci: "0000:af:10.1", pf, driver: "iavf", link: { ...link, name: "ens1f0v1", mtu: 9000, up: false } },
      { pci: "0000:af:10.2", pf, driver: "iavf", link: undefined },
      { pci: "0000:af:10.3", pf, driver: "vfio-pci", link: undefined },
      { pci: "0000:af:10.4", pf, driver: "", link: undefined },
    ]);
  });

  it("are none where there is no such function, or no PCI at all", async () => {
    add("0000:00:03.0", { driver: "virtio-pci" });
    expect(await hardwareVfs(here, sysfs)).to.deep.equal([]);
    expect(await hardwareVfs(here, path.join(sysfs, "nowhere"))).to.deep.equal([]);
  });
});

describe("registeredDevices", () => {
  const saying = (stdout: string) => ({ exec: () => Promise.resolve({ stdout }) });

  it("are those of the kubelet's checkpoint, by resource", async () => {
    const RegisteredDevices = { "intel.com/a": ["0000:af:10.0"], "intel.com/gone": null };
    expect(await registeredDevices(saying(JSON.stringify({ Data: { RegisteredDevices } })))).to.deep.equal({
      "intel.com/a": ["0000:af:10.0"],
      "intel.com/gone": [],
    });
  });

  it("are not known where the kubelet keeps none there", async () => {
    expect(await registeredDevices(saying(""))).to.equal(undefined);
    expect(await registeredDevices(saying('{"Data":{}}'))).to.deep.equal({});
  });
});
