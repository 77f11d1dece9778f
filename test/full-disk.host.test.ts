import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { foldEvents } from "../harness/results/model.ts";
import { parseEvents } from "../harness/results/record-reader.ts";
import { run } from "../harness/process/run.ts";
import { runCliIn } from "./run-cli.ts";

const PAGE = 4096;

/** A disk of its own, which is nearly full; root can mount one. The run ends early, as there is no Docker. */
describe("a full disk", () => {
  let home: string;
  let disk: string;
  let recordBytes: number;

  before(async function () {
    this.timeout(300_000);
    home = mkdtempSync(path.join(tmpdir(), "plumbline-disk-"));
    disk = path.join(home, "disk");
    mkdirSync(disk);
    await runCliIn(home, ["run", "--profile", "full", "--out", "roomy"]);
    recordBytes = readFileSync(path.join(home, "roomy", "latest", "events.ndjson")).length;
    await run("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], { timeoutMs: 10_000 });
  });
  after(async () => {
    await run("umount", [disk], { timeoutMs: 10_000 });
    rmSync(home, { recursive: true });
  });
  beforeEach(() => {
    for (const name of readdirSync(disk)) rmSync(path.join(disk, name), { recursive: true });
  });

  /** Runs with so many bytes left. @returns what it said, and the text of its record */
  async function runWith(freeBytes: number) {
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(path.join(disk, "filler"), Buffer.alloc(bavail * bsize - freeBytes));
    const { exitCode, stderr } = await runCliIn(home, ["run", "--profile", "full", "--out", "disk"]);
    expect(stderr, "no stack").to.not.match(/^\s+at /m);
    const name = readdirSync(disk).find((entry) => /^\d{8}T/.test(entry));
    const file = name === undefined ? undefined : path.join(disk, name, "events.ndjson");
    return { exitCode, stderr, record: () => readFileSync(file ?? "none", "utf8") };
  }

  it("that takes no record is an error before anything is started", async () => {
    const { exitCode, stderr } = await runWith(0);
    expect(exitCode).to.equal(3);
    expect(stderr).to.contain("[PL_DISK_FULL]").and.to.contain("ENOSPC").and.to.contain("df -h");
  });

  it("ends the run, and what was recorded until then is whole", async () => {
    const { exitCode, stderr, record } = await runWith(recordBytes - 2 * PAGE);
    expect(exitCode).to.equal(3);
    expect(stderr)
      .to.contain("[PL_DISK_FULL]")
      .and.to.contain("cannot be written any further")
      .and.to.contain("ENOSPC");
    expect(stderr.replaceAll(/\s+/g, " ")).to.contain("is kept").and.to.contain("plumbline run --failed");
    const { events, truncatedAtLine } = parseEvents(record(), "r");
    expect(events[0]?.type).to.equal("run-started");
    expect(events.at(-1)?.type).to.not.equal("run-ended");
    expect(truncatedAtLine).to.equal(undefined);
    const { started, cases } = foldEvents(events);
    expect(cases.map(({ id }) => id)).to.have.members(started.selection);
  });

  it("that takes the record and no reports keeps the record, and the cause that ended the run", async () => {
    const { exitCode, stderr, record } = await runWith(recordBytes + 6 * PAGE);
    expect(exitCode).to.equal(3);
    // lines are wrapped
    const said = stderr.replaceAll(/\s+/g, " ");
    expect(said).to.contain("was not written: ENOSPC").and.to.contain("[PL_REPORT]").and.to.contain("[PL_NO_DOCKER]");
    expect(parseEvents(record(), "r").events.at(-1)?.type).to.equal("run-ended");
  });
});
