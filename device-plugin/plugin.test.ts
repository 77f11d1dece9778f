import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { parseConfig } from "./config.ts";
import { FakeKubelet } from "./fake-kubelet.test-support.ts";
import { Plugin } from "./plugin.ts";

const VF = "sim.plumbline.test/vf";
const DPDK = "sim.plumbline.test/vf-dpdk";

describe("device plugin", () => {
  let dir: string;
  let kubelet: FakeKubelet;
  let plugin: Plugin | undefined;
  let told: { event: string; [fact: string]: unknown }[];

  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), "plumbline-dp-"));
    for (const name of ["sockets", "devices", "drivers", "info"]) mkdirSync(path.join(dir, name));
    addVf("0000:af:10.0", "igbvf", "0");
    addVf("0000:af:10.1", "igbvf", "1");
    addVf("0000:af:10.2", "igbvf", "-1");
    addVf("0000:af:10.3", "vfio-pci", "0");
    mkdirSync(path.join(dir, "devices", "0000:00:01.0"));
    told = [];
    kubelet = new FakeKubelet(path.join(dir, "sockets"));
  });

  afterEach(async () => {
    kubelet.stop();
    await plugin?.stop();
    plugin = undefined;
    rmSync(dir, { recursive: true });
  });

  function addVf(address: string, driver: string, numaNode: string): void {
    const device = path.join(dir, "devices", address);
    mkdirSync(device);
    mkdirSync(path.join(dir, "drivers", driver), { recursive: true });
    symlinkSync(`../../drivers/${driver}`, path.join(device, "driver"));
    symlinkSync("../0000:af:00.0", path.join(device, "physfn"));
    writeFileSync(path.join(device, "numa_node"), `${numaNode}\n`);
  }

  async function start(pools: readonly object[] = [{ resource: VF }], more: object = {}): Promise<void> {
    const config = parseConfig(
      {
        socketDir: path.join(dir, "sockets"),
        deviceInfoDir: path.join(dir, "info"),
        devicesDir: path.join(dir, "devices"),
        controlFile: path.join(dir, "control", "control.json"),
        lookEveryMs: 20,
        pools,
        ...more,
      },
      "test",
    );
    plugin = new Plugin(config, (event, facts) => told.push({ event, ...facts }));
    await plugin.start();
  }

  function control(value: unknown): void {
    const file = path.join(dir, "control", "control.json");
    writeFileSync(`${file}.new`, typeof value === "string" ? value : JSON.stringify(value));
    renameSync(`${file}.new`, file);
  }

  /** Polls for at most five seconds. */
  async function eventually(check: () => void): Promise<void> {
    for (let left = 250; ; left--) {
      try {
        check();
        return;
      } catch (error) {
        if (left === 0) throw error;
        await delay(20);
      }
    }
  }

  const health = (resource = VF): Record<string, string> =>
    Object.fromEntries((kubelet.latest(resource) ?? []).map((device) => [device.ID, device.health]));

  it("registers each pool and lists its VFs with their NUMA nodes", async () => {
    await kubelet.start();
    await start([
      { resource: DPDK, drivers: ["vfio-pci"], excludeTopology: true },
      { resource: "sim.plumbline.test/one", pciAddresses: ["0000:af:10.1"] },
      { resource: VF },
    ]);
    await eventually(() => expect(kubelet.lists).to.have.all.keys(DPDK, "sim.plumbline.test/one", VF));
    await eventually(() => expect(kubelet.latest(VF)).to.have.length(2));
    expect(
      kubelet.registrations.map(({ version, endpoint, resource_name }) => [version, endpoint, resource_name]),
    ).to.deep.equal([
      ["v1beta1", "plumbline-sim.plumbline.test_vf-dpdk.sock", DPDK],
      ["v1beta1", "plumbline-sim.plumbline.test_one.sock", "sim.plumbline.test/one"],
      ["v1beta1", "plumbline-sim.plumbline.test_vf.sock", VF],
    ]);
    // a VF is in the first pool that wants it; the real device, which is no VF, in none
    expect(kubelet.latest(VF)).to.deep.equal([
      { ID: "0000:af:10.0", health: "Healthy", topology: { nodes: [{ ID: 0 }] } },
      { ID: "0000:af:10.2", health: "Healthy", topology: null },
    ]);
    expect(kubelet.latest("sim.plumbline.test/one")).to.deep.equal([
      { ID: "0000:af:10.1", health: "Healthy", topology: { nodes: [{ ID: 1 }] } },
    ]);
    expect(kubelet.latest(DPDK)).to.deep.equal([{ ID: "0000:af:10.3", health: "Healthy", topology: null }]);
    expect(await kubelet.options(VF)).to.deep.equal({
      pre_start_required: false,
      get_preferred_allocation_available: false,
    });
  });

  it("waits for a kubelet that is not there yet", async () => {
    await start();
    expect(kubelet.registrations).to.deep.equal([]);
    await kubelet.start();
    await eventually(() => expect(kubelet.latest(VF)).to.have.length(3));
  });

  it("registers again with a kubelet that was restarted", async () => {
    await kubelet.start();
    await start();
    await eventually(() => expect(kubelet.latest(VF)).to.have.length(3));
    for (let restart = 1; restart <= 3; restart++) {
      kubelet.stop();
      kubelet.lists.clear();
      await kubelet.start();
      await eventually(() => expect(kubelet.latest(VF)).to.have.length(3));
      const { container_responses: responses } = await kubelet.allocate(VF, ["0000:af:10.0"]);
      expect(responses, `restart ${restart}`).to.have.length(1);
    }
    const { length } = kubelet.registrations;
    expect(length).to.be.within(4, 7);
    // and then leaves it in peace, however often it looks: with each control file that it obeys it has done so once more
    for (let look = 1; look <= 5; look++) {
      told = [];
      control({ [VF]: { allocate: { delayMs: look } } });
      await eventually(() => expect(told.map(({ event }) => event)).to.include("control"));
    }
    expect(kubelet.registrations).to.have.length(length);
  });

  it("registers again with a kubelet that makes its socket anew and leaves the others", async () => {
    await kubelet.start();
    await start();
    await eventually(() => expect(kubelet.latest(VF)).to.have.length(3));
    kubelet.stop();
    kubelet.lists.clear();
    await kubelet.start({ keep: true });
    await eventually(() => expect(kubelet.latest(VF)).to.have.length(3));
  });

  it("serves again when its own socket is removed", async () => {
    await kubelet.start();
    await start();
    await eventually(() => expect(kubelet.latest(VF)).to.have.length(3));
    const own = readdirSync(path.join(dir, "sockets")).find((name) => name.startsWith("plumbline-")) ?? "none";
    kubelet.lists.clear();
    rmSync(path.join(dir, "sockets", own));
    await eventually(() => expect(kubelet.latest(VF)).to.have.length(3));
    expect(readdirSync(path.join(dir, "sockets"))).to.have.members(["kubelet.sock", own]);
  });

  it("gives a container its devices, their environment, mounts, annotations and device-info files", async () => {
    await kubelet.start();
    await start([
      {
        resource: VF,
        additionalInfo: { "*": { token: "all", zone: "z" }, "0000:af:10.1": { token: "one" } },
        mounts: [{ containerPath: "/etc/vf", hostPath: "/run/vf" }],
        annotations: { "example.test/vf": "yes" },
      },
    ]);
    await eventually(() => expect(kubelet.latest(VF)).to.have.length(3));
    const { container_responses: responses } = await kubelet.allocate(
      VF,
      ["0000:af:10.1", "0000:af:10.0"],
      ["0000:af:10.2"],
    );
    const info = (token: string, address: string): object => ({
      generic: { deviceID: address },
      extra_info: { token, zone: "z" },
    });
    expect(responses.map(({ envs }) => envs["PCIDEVICE_SIM_PLUMBLINE_TEST_VF"])).to.deep.equal([
      "0000:af:10.1,0000:af:10.0",
      "0000:af:10.2",
    ]);
    expect(JSON.parse(responses[0]?.envs["PCIDEVICE_SIM_PLUMBLINE_TEST_VF_INFO"] ?? "")).to.deep.equal({
      "0000:af:10.1": info("one", "0000:af:10.1"),
      "0000:af:10.0": info("all", "0000:af:10.0"),
    });
    expect(responses[1]?.mounts).to.deep.equal([{ container_path: "/etc/vf", host_path: "/run/vf", read_only: true }]);
    expect(responses[1]?.annotations).to.deep.equal({ "example.test/vf": "yes" });
    expect(responses[1]?.devices).to.deep.equal([]);
    const files = readdirSync(path.join(dir, "info")).toSorted();
    expect(files).to.deep.equal([0, 1, 2].map((i) => `sim.plumbline.test-vf-0000:af:10.${i}-device.json`));
    expect(JSON.parse(readFileSync(path.join(dir, "info", files[0] ?? ""), "utf8"))).to.deep.equal({
      type: "pci",
      version: "1.1.0",
      pci: { "pci-address": "0000:af:10.0" },
    });
    await plugin?.stop();
    expect(readdirSync(path.join(dir, "info"))).to.deep.equal([]);
    expect(readdirSync(path.join(dir, "sockets"))).to.deep.equal(["kubelet.sock"]);
  });

  it("names the files of VFIO for a VF that has an IOMMU group", async () => {
    symlinkSync("../../iommu/7", path.join(dir, "devices", "0000:af:10.3", "iommu_group"));
    await kubelet.start();
    await start([{ resource: DPDK, drivers: ["vfio-pci"] }]);
    await eventually(() => expect(kubelet.latest(DPDK)).to.have.length(1));
    const { container_responses: responses } = await kubelet.allocate(DPDK, ["0000:af:10.3"]);
    expect(responses[0]?.devices.map((device) => device.host_path)).to.deep.equal(["/dev/vfio/vfio", "/dev/vfio/7"]);
  });

  it("refuses a device that is not in the pool", async () => {
    await kubelet.start();
    await start();
    await eventually(() => expect(kubelet.latest(VF)).to.have.length(3));
    const refused = await kubelet.allocate(VF, ["0000:af:10.0", "0000:af:10.3"]).catch(String);
    expect(refused).to.contain(`INTERNAL: pool ${VF} has no device 0000:af:10.3`);
    expect(readdirSync(path.join(dir, "info"))).to.deep.equal([]);
  });

  it("reports the health that the control file says, and only changes", async () => {
    await kubelet.start();
    await start();
    await eventually(() => expect(kubelet.latest(VF)).to.have.length(3));
    control({ [VF]: { unhealthy: ["0000:af:10.1"] } });
    await eventually(() =>
      expect(health()).to.deep.equal({
        "0000:af:10.0": "Healthy",
        "0000:af:10.1": "Unhealthy",
        "0000:af:10.2": "Healthy",
      }),
    );
    control({});
    await eventually(() => expect(health()).to.not.include({ "0000:af:10.1": "Unhealthy" }));
    told = [];
    control({ [VF]: { allocate: { delayMs: 1 } } });
    await eventually(() => expect(told.map(({ event }) => event)).to.deep.equal(["control"]));
    await kubelet.allocate(VF, ["0000:af:10.0"]);
    expect(kubelet.lists.get(VF)).to.have.length(3);
  });

  it("refuses and delays Allocate as the control file says, so many times", async () => {
    await kubelet.start();
    await start();
    await eventually(() => expect(kubelet.latest(VF)).to.have.length(3));
    control({ [VF]: { allocate: { error: "the function is being reset", times: 2 } } });
    await eventually(() => expect(told.at(-1)?.event).to.equal("control"));
    for (let call = 0; call < 2; call++) {
      expect(await kubelet.allocate(VF, ["0000:af:10.0"]).catch(String)).to.contain("the function is being reset");
    }
    expect((await kubelet.allocate(VF, ["0000:af:10.0"])).container_responses).to.have.length(1);
    told = [];
    control({ [VF]: { allocate: { delayMs: 300 } } });
    await eventually(() => expect(told.at(-1)?.event).to.equal("control"));
    const startMs = performance.now();
    await kubelet.allocate(VF, ["0000:af:10.0"]);
    expect(performance.now() - startMs).to.be.at.least(290);
  });

  it("changes nothing for a control file that cannot be obeyed, and tells why once", async () => {
    await kubelet.start();
    await start([{ resource: DPDK, drivers: ["vfio-pci"] }, { resource: VF }]);
    await eventually(() => expect(kubelet.latest(VF)).to.have.length(3));
    control({ [VF]: { unhealthy: ["0000:af:10.0"] } });
    await eventually(() => expect(health()).to.include({ "0000:af:10.0": "Unhealthy" }));
    for (const [value, why] of [
      ["{broken", "is no JSON"],
      [{ [VF]: { unhealty: [] } }, "unhealty"],
      [{ "sim.plumbline.test/fv": {} }, `there is no pool sim.plumbline.test/fv; pools: ${DPDK}, ${VF}`],
      [
        { [DPDK]: { unhealthy: ["0000:af:10.3"] }, [VF]: { unhealthy: ["0000:af:10.9"] } },
        "has no device 0000:af:10.9",
      ],
    ] as const) {
      told = [];
      control(value);
      await eventually(() => expect(told.map(({ event }) => event)).to.deep.equal(["control-refused"]));
      expect(told[0]?.["why"]).to.contain(why);
    }
    expect(health()).to.include({ "0000:af:10.0": "Unhealthy" });
    expect(health(DPDK)).to.deep.equal({ "0000:af:10.3": "Healthy" });
  });

  it("names what is wrong with a configuration", () => {
    for (const [value, why] of [
      [{ pools: [] }, "pools"],
      [{ pools: [{ resource: "vf" }] }, "resource"],
      [{ pools: [{ resource: VF, driver: "igbvf" }] }, "driver"],
      [{ pools: [{ resource: VF }, { resource: VF }] }, "two pools have the same resource"],
    ] as const) {
      expect(() => parseConfig(value, "config.json"))
        .to.throw(Error, /^config\.json: /u)
        .with.property("message")
        .that.contains(why);
    }
  });
});
