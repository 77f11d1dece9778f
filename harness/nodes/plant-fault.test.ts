import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { PlumblineError } from "../core/errors.ts";
import { loadFaults, type CallFault, type CallPart } from "./fault.ts";
import { localTransport } from "./local-transport.ts";
import {
  byBinary,
  plantedFaults,
  plantFaults,
  restoreBinary,
  type PlantedFaults,
  type PlantOptions,
} from "./plant-fault.ts";

const part: CallPart = { target: "bridge", verbs: ["ADD"], when: {}, change: { exitCode: 1 } };
const fault: CallFault = {
  id: "test-fault",
  title: "a fault of the tests",
  parts: [part],
  noticedBy: [{ case: "STA-005", assertions: [] }],
};

describe("plantFault", () => {
  let dir = "";
  const t = localTransport();
  const at = (name: string): string => path.join(dir, name);
  const options = () => ({ mode: "thick" as const, binDir: dir, wrapperPath: at("wrapper") });

  async function plantFault(node: typeof t, one: CallFault, where: PlantOptions): Promise<PlantedFaults> {
    const [[binary, faults] = ["", []]] = byBinary([one], where);
    return plantFaults(node, { binary, faults }, where);
  }

  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), "plumbline-fault-"));
    for (const name of ["bridge", "multus-shim", "multus"])
      writeFileSync(at(name), `#!/bin/sh\necho ${name}\n`, { mode: 0o755 });
    writeFileSync(at("wrapper"), "#!/bin/sh\necho wrapper\n");
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  async function codeOf(action: Promise<unknown>): Promise<string> {
    try {
      await action;
      return "none";
    } catch (error) {
      return error instanceof PlumblineError ? error.code : String(error);
    }
  }

  it("puts the wrapper in front and the original back, with nothing left", async () => {
    const before = readdirSync(dir);
    const planted = await plantFault(t, fault, options());
    expect(readFileSync(at("bridge"), "utf8")).to.contain("wrapper");
    expect(readFileSync(at("bridge.plumbline-original"), "utf8")).to.contain("echo bridge");
    expect(JSON.parse(readFileSync(at("bridge.plumbline-fault.json"), "utf8"))).to.have.nested.property(
      "faults[0].id",
      "test-fault",
    );
    expect((await t.exec([at("bridge")], { timeoutMs: 5_000 })).stdout).to.equal("wrapper\n");
    await planted.undo();
    expect(readFileSync(at("bridge"), "utf8")).to.contain("echo bridge");
    expect(readdirSync(dir)).to.deep.equal(before);
  });

  it("takes the shim for Multus in thick mode and the plugin in thin mode", async () => {
    const onMultus = { ...fault, parts: [{ ...part, target: "multus" }] };
    expect((await plantFault(t, onMultus, options())).binary).to.equal(at("multus-shim"));
    expect((await plantFault(t, onMultus, { ...options(), mode: "thin" })).binary).to.equal(at("multus"));
  });

  it("refuses to plant twice, and leaves the first one as it is", async () => {
    const planted = await plantFault(t, fault, options());
    expect(await codeOf(plantFault(t, { ...fault, id: "other" }, options()))).to.equal("PL_FAULT_PLANTED");
    expect((await plantedFaults(t, dir)).flatMap((found) => found.faults)).to.deep.equal(["test-fault"]);
    await planted.undo();
    expect(await plantedFaults(t, dir)).to.deep.equal([]);
  });

  it("lists what is planted, so that another process can take it out", async () => {
    await plantFault(t, fault, options());
    const [found] = await plantedFaults(t, dir);
    if (!found) throw new Error("nothing found");
    expect(found.binary).to.equal(at("bridge"));
    await restoreBinary(t, found);
    expect(readFileSync(at("bridge"), "utf8")).to.contain("echo bridge");
  });

  it("keeps a binary that a rollout has put in the wrapper's place", async () => {
    const planted = await plantFault(t, fault, options());
    writeFileSync(at("new"), "#!/bin/sh\necho newer\n", { mode: 0o755 });
    await t.exec(["mv", "-f", at("new"), at("bridge")], { timeoutMs: 5_000 });
    await planted.undo();
    expect(readFileSync(at("bridge"), "utf8")).to.contain("newer");
    expect(readdirSync(dir).filter((name) => name.includes("plumbline"))).to.deep.equal([]);
  });

  it("says when what comes back is not the original", async () => {
    const planted = await plantFault(t, fault, options());
    chmodSync(at("bridge.plumbline-original"), 0o755);
    writeFileSync(at("bridge.plumbline-original"), "#!/bin/sh\necho other\n");
    expect(await codeOf(planted.undo())).to.equal("PL_FAULT_RESTORE");
  });

  it("says what is missing", async () => {
    const absent = { ...fault, parts: [{ ...part, target: "no-such" }] };
    expect(await codeOf(plantFault(t, absent, options()))).to.equal("PL_FAULT_TARGET");
    expect(await codeOf(plantFault(t, fault, { ...options(), wrapperPath: at("nowhere") }))).to.equal(
      "PL_FAULT_TARGET",
    );
    expect(readdirSync(dir).filter((name) => name.includes("plumbline"))).to.deep.equal([]);
  });
});

describe("byBinary", () => {
  it("has the parts of a fault under each binary that they are for", () => {
    const parts = ["bridge", "multus", "bridge"].map((target) => ({ ...part, target }));
    const found = byBinary([{ ...fault, parts }], { mode: "thick", binDir: "/bin" });
    expect([...found].map(([binary, of]) => [binary, of.map(({ id }) => id)])).to.deep.equal([
      ["/bin/bridge", ["test-fault", "test-fault"]],
      ["/bin/multus-shim", ["test-fault"]],
    ]);
  });
});

describe("the fault files", () => {
  it("are all well formed, and every case of the first profile has one", () => {
    const noticed = new Set(loadFaults().flatMap((one) => one.noticedBy.map((notice) => notice.case)));
    const cases = [
      "DEF-001",
      "ATT-001",
      "ATT-003",
      "ATT-009",
      "RTC-001",
      "STA-001",
      "STA-003",
      "STA-004",
      "STA-005",
      "IPM-001",
      "TD-001",
      "TD-014",
      "RTE-001",
    ];
    expect(cases.filter((id) => !noticed.has(id))).to.deep.equal([]);
  });
});
