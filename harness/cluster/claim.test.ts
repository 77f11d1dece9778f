import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import {
  claimedNames,
  endProcessGroups,
  isHeldByOther,
  makeClaim,
  readClaim,
  removeState,
  setKeep,
  takeOver,
  writeClaim,
} from "./claim.ts";
import { CLAIM_VARIABLE, isAlive, membersOf, ownIdentity } from "./process-identity.ts";

describe("claim", () => {
  const home = mkdtempSync(path.join(tmpdir(), "plumbline-claim-"));
  const before = process.env["PLUMBLINE_HOME"];
  beforeEach(() => {
    process.env["PLUMBLINE_HOME"] = home;
  });
  afterEach(() => {
    removeState("c");
    if (before === undefined) delete process.env["PLUMBLINE_HOME"];
    else process.env["PLUMBLINE_HOME"] = before;
  });
  after(() => rmSync(home, { recursive: true }));

  it("is made once, and then by nobody else", () => {
    const claim = makeClaim({ cluster: "c", runId: "r1" });
    expect(readClaim("c")).to.deep.equal(claim);
    expect(() => makeClaim({ cluster: "c", runId: "r2" })).to.throw(/has just claimed/);
    expect(claimedNames()).to.deep.equal(["c"]);
  });

  it("is held by its maker, and can be taken over when he has ended", () => {
    const claim = makeClaim({ cluster: "c", runId: "r1" });
    expect(isHeldByOther(claim)).to.equal(false);
    const parent = { ...ownIdentity(), pid: process.ppid };
    // the parent's number with our start time is somebody who has ended
    expect(isHeldByOther({ ...claim, holder: parent })).to.equal(false);
    writeClaim({ ...claim, holder: parent });
    setKeep("c", true);
    takeOver({ ...claim, keep: true }, "r2");
    expect(readClaim("c")).to.include({ runId: "r2", keep: true });
    expect(readClaim("c")?.holder).to.deep.equal(ownIdentity());
  });

  it("does not count a process of another boot as alive", () => {
    expect(isAlive(ownIdentity())).to.equal(true);
    expect(isAlive({ ...ownIdentity(), bootId: "another" })).to.equal(false);
  });

  it("ends its process groups with all their members, and no group without its mark", async () => {
    const claim = makeClaim({ cluster: "c", runId: "r1" });
    const start = (mark: string): ReturnType<typeof spawn> =>
      spawn("sh", ["-c", "sleep 60 & sleep 60"], {
        detached: true,
        stdio: "ignore",
        env: { ...process.env, [CLAIM_VARIABLE]: mark },
      });
    const ours = start("c/r1");
    const other = start("c/r0");
    const pids = [ours.pid ?? 0, other.pid ?? 0];
    const ended = once(ours, "exit");
    while (membersOf(pids[0] ?? 0, "c/r1").length < 2) await new Promise((resolve) => setImmediate(resolve));
    await endProcessGroups({ ...claim, processGroups: pids });
    await ended;
    expect(membersOf(pids[0] ?? 0, "c/r1")).to.deep.equal([]);
    expect(other.exitCode).to.equal(null);
    process.kill(-(pids[1] ?? 0), "SIGKILL");
    await once(other, "exit");
  });
});
