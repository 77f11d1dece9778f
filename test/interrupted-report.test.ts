import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { Deadline } from "../harness/core/deadline.ts";
import { until } from "../harness/core/until.ts";
import { writeSampleRecord } from "../harness/results/sample-record.test-support.ts";
import { builtProgram } from "./run-cli.ts";

/** Stands in for Allure 3, which is not shipped and cannot be made to take long: says who it is, and goes on for a minute. */
const ENDLESS = `require("node:fs").writeFileSync(process.env.STARTED, String(process.pid)); setTimeout(() => {}, 60_000);`;

describe("Ctrl-C while a report is made", () => {
  let home: string;
  before(() => {
    home = mkdtempSync(path.join(tmpdir(), "plumbline-report-"));
    const allure = path.join(home, "node_modules", "allure");
    mkdirSync(allure, { recursive: true });
    writeFileSync(path.join(allure, "cli.js"), ENDLESS);
    writeSampleRecord(path.join(home, "record"));
  });
  after(() => rmSync(home, { recursive: true }));

  it("ends the program that makes it, leaves nothing of it, and ends with 130", async function () {
    this.timeout(60_000);
    const started = path.join(home, "started");
    const args = [await builtProgram(), "report", "record", "--format", "html", "--allure", "3"];
    const env = { ...process.env, CI: "1", STARTED: started };
    const child = spawn(process.execPath, args, { cwd: home, env, stdio: ["ignore", "pipe", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout.resume();
    const ended = once(child, "close");
    const pid = await until(() => (existsSync(started) ? Number(readFileSync(started, "utf8")) : undefined), {
      what: "the program that makes the report",
      deadline: Deadline.in(30_000),
    });
    child.kill("SIGINT");
    const [exitCode] = (await ended) as [number];
    expect(exitCode, stderr).to.equal(130);
    expect(stderr).to.contain("interrupted by Ctrl-C");
    expect(() => process.kill(pid ?? 0, 0), "it goes on").to.throw(/ESRCH/);
    const left = readdirSync(path.join(home, "record"));
    expect(left.filter((name) => name.includes("allure"))).to.deep.equal([]);
    expect(left, "what was made before").to.include("report.html");
  });
});
