import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { run } from "../process/run.ts";
import { ARRIVE_SCRIPT, LEAVE_SCRIPT } from "./guest-visit-script.ts";

describe("a visit on a node that is not ours", () => {
  let root: string;
  const at = (...parts: readonly string[]): string => path.join(root, ...parts);
  const put = (file: string, text: string): void => {
    mkdirSync(path.dirname(at(file)), { recursive: true });
    writeFileSync(at(file), text);
  };
  const script = async (text: string): Promise<string> => {
    const args = [at("ours"), at("bin"), at("networks"), root];
    return (await run("sh", ["-c", text, "sh", ...args], { timeoutMs: 10_000 })).stdout.trim();
  };
  /** As the agent brings them. */
  const bring = (): void => {
    for (const name of ["recorder", "fault"]) put(`ours/bin/${name}`, name);
    put("ours/visit/brought", "");
    put("bin/plumbline-rec", "rec");
  };

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "plumbline-visit-"));
    put("bin/bridge", "the bridge");
    put("bin/multus-shim", "the shim");
    put("networks/theirs/10.1.1.2", "abc\r\neth0");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("takes away all that it has brought, and what its cases left", async () => {
    expect(await script(ARRIVE_SCRIPT)).to.equal("");
    bring();
    put("networks/ours-0x0/lock", "");
    put("networks/ours-0x0/last_reserved_ip.0", "10.2.2.2");
    put("var/log/plumbline-rec.jsonl", "{}");
    put("run/plumbline-rec/count", "1");
    put("etc/cni/multus/net.d/nad-disk-0x0.conf", '{"type":"plumbline-rec"}');
    put("etc/cni/multus/net.d/theirs.conf", '{"type":"bridge"}');
    expect(await script(LEAVE_SCRIPT)).to.equal("");
    expect(readdirSync(at("bin")).toSorted()).to.deep.equal(["bridge", "multus-shim"]);
    expect(readdirSync(at("networks"))).to.deep.equal(["theirs"]);
    expect(readdirSync(at("etc/cni/multus/net.d"))).to.deep.equal(["theirs.conf"]);
    for (const gone of ["ours", "var/log/plumbline-rec.jsonl", "run/plumbline-rec"]) {
      expect(existsSync(at(gone)), gone).to.equal(false);
    }
  });

  it("undoes the faults of the node that a killed run has noted, and tells of those that it cannot", async () => {
    await script(ARRIVE_SCRIPT);
    bring();
    put("ours/undo/open-folder.sh", `echo noise; echo closed > '${at("folder")}'`);
    put("ours/undo/stubborn.sh", "exit 1");
    expect(await script(LEAVE_SCRIPT)).to.equal("fault stubborn");
    expect(readFileSync(at("folder"), "utf8")).to.equal("closed\n");
    expect(existsSync(at("ours"))).to.equal(false);
  });

  it("puts back what is wrapped, and leaves what a rollout has put in a wrapper's place", async () => {
    await script(ARRIVE_SCRIPT);
    bring();
    put("bin/bridge.plumbline-recorded", "the bridge");
    put("bin/bridge", "recorder");
    put("bin/multus-shim.plumbline-recorded", "the shim");
    put("bin/multus-shim", "a newer shim");
    await script(LEAVE_SCRIPT);
    expect(readFileSync(at("bin/bridge"), "utf8")).to.equal("the bridge");
    expect(readFileSync(at("bin/multus-shim"), "utf8")).to.equal("a newer shim");
    expect(readdirSync(at("bin")).toSorted()).to.deep.equal(["bridge", "multus-shim"]);
  });

  it("takes away what Multus has forgotten of pods of cases, and of nobody else's", async () => {
    await script(ARRIVE_SCRIPT);
    bring();
    const [ours, theirs] = ["a".repeat(64), "b".repeat(64)];
    for (const [id, namespace, address] of [
      [ours, "pl-9842-0x0-pods", "10.1.1.5"],
      [theirs, "shop", "10.1.1.6"],
    ] as const) {
      put(`var/lib/cni/multus/results/cbr0-${id}-eth0`, `{"cniArgs":[["K8S_POD_NAMESPACE","${namespace}"]]}`);
      put(`var/lib/cni/multus/${id}`, "[]");
      put(`networks/theirs/${address}`, `${id}\r\neth0`);
    }
    await script(LEAVE_SCRIPT);
    expect(readdirSync(at("networks/theirs")).toSorted()).to.deep.equal(["10.1.1.2", "10.1.1.6"]);
    expect(readdirSync(at("var/lib/cni/multus")).toSorted()).to.deep.equal([theirs, "results"]);
    expect(readdirSync(at("var/lib/cni/multus/results"))).to.deep.equal([`cbr0-${theirs}-eth0`]);
  });

  it("leaves a network that came meanwhile and holds a lease", async () => {
    await script(ARRIVE_SCRIPT);
    bring();
    put("networks/new/10.3.3.3", "def\r\nnet1");
    await script(LEAVE_SCRIPT);
    expect(readdirSync(at("networks")).toSorted()).to.deep.equal(["new", "theirs"]);
  });

  it("keeps programs of ours that lay there before, as the nodes of our own clusters have them", async () => {
    put("ours/bin/agent", "agent");
    put("bin/plumbline-rec", "rec");
    expect(await script(ARRIVE_SCRIPT)).to.equal("occupied");
    await script(LEAVE_SCRIPT);
    expect(existsSync(at("ours/bin/agent"))).to.equal(true);
    expect(existsSync(at("ours/visit"))).to.equal(false);
    expect(existsSync(at("bin/plumbline-rec"))).to.equal(true);
  });

  it("can be made twice, and left twice", async () => {
    await script(ARRIVE_SCRIPT);
    bring();
    expect(await script(ARRIVE_SCRIPT)).to.equal("");
    await script(LEAVE_SCRIPT);
    await script(LEAVE_SCRIPT);
    expect(readdirSync(at("bin")).toSorted()).to.deep.equal(["bridge", "multus-shim"]);
  });
});
