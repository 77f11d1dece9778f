import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { containerEntry, isEnterable, type Inspected } from "./enter-container.ts";

const Id = "3f2a".repeat(16);

function container(change: { running?: boolean; privileged?: boolean; pid?: number } = {}): Inspected {
  const { running = true, privileged = true, pid = 4711 } = change;
  return { Id, State: { Running: running, Pid: pid }, Config: {}, HostConfig: { Privileged: privileged } };
}

describe("the way into a container by its namespaces", () => {
  const proc = mkdtempSync(path.join(os.tmpdir(), "plumbline-proc-"));
  after(() => rmSync(proc, { recursive: true, force: true }));

  function process(pid: number, { cgroup, nspid }: { readonly cgroup: string; readonly nspid: string }): void {
    mkdirSync(path.join(proc, String(pid)));
    writeFileSync(path.join(proc, String(pid), "cgroup"), cgroup);
    writeFileSync(path.join(proc, String(pid), "status"), `Name:\tsystemd\nNSpid:\t${nspid}\nThreads:\t1\n`);
  }

  before(() => {
    process(4711, { cgroup: `0::/docker/${Id}/init.scope\n`, nspid: `4711\t1` });
    process(4712, { cgroup: "0::/system.slice/other.service\n", nspid: "4712" });
    process(4713, { cgroup: `0::/docker/${Id}\n`, nspid: "4713\t21" });
  });

  for (const [what, inspected, expected] of [
    ["is there for a privileged one whose first process is seen on this host", container(), true],
    ["is not for one that has ended", container({ running: false }), false],
    ["is not for one that may do less than root", container({ privileged: false }), false],
    ["is not where the process of that number is another", container({ pid: 4712 }), false],
    ["is not where it is not the first one", container({ pid: 4713 }), false],
    ["is not where there is no such process", container({ pid: 4714 }), false],
  ] as const) {
    it(what, () => {
      expect(isEnterable(inspected, proc)).to.equal(expected);
    });
  }

  it("is the same after Docker went away, and is looked for again where its process did", async function () {
    if (os.userInfo().uid !== 0) this.skip();
    let asked = 0;
    const node: Inspected = { ...container(), Config: { Env: ["PATH=/opt/bin", "container=docker"] } };
    const docker = createServer((_request, response) => {
      asked++;
      response.setHeader("content-type", "application/json").end(JSON.stringify(node));
    });
    const socket = path.join(proc, "docker.sock");
    await new Promise<void>((resolve) => docker.listen(socket, resolve));
    const entry = () => containerEntry(socket, "pl-node", proc);
    try {
      const first = await entry();
      expect(first?.args.slice(0, 2)).to.deep.equal(["--target", "4711"]);
      expect(first?.env).to.deep.equal({ PATH: "/opt/bin", HOME: "/root", container: "docker" });
      expect([await entry(), asked]).to.deep.equal([first, 1]);
    } finally {
      docker.closeAllConnections();
      await new Promise((resolve) => docker.close(resolve));
    }
    expect((await entry())?.args).to.include("4711");
    rmSync(path.join(proc, "4711"), { recursive: true });
    expect(await entry()).to.equal(undefined);
  });
});
