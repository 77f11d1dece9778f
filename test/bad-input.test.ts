import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { record } from "./bad-input-row.ts";
import { NO_DOCKER, WORDS } from "./bad-input-rows.ts";
import { runCli, runCliIn } from "./run-cli.ts";
import { withFolder, writeFiles } from "./work-folder.ts";

describe("bad input", () => {
  // the first start compiles the program
  before(async function () {
    this.timeout(180_000);
    await runCli(["--version"]);
  });

  for (const { title, args, files = {}, env = {}, exitCode, code, says, json } of [...WORDS, ...NO_DOCKER]) {
    it(`is answered by one clear error: ${title}`, () =>
      withFolder(async (home) => {
        writeFiles(home, files);
        const done = await runCliIn(home, args, env);
        const text = done.stderr.replaceAll(/\s+/g, " ");
        expect(done.exitCode, text).to.equal(exitCode);
        for (const word of [...says, `[${code}]`]) expect(text).to.contain(word);
        expect(text.match(/\[PL_\w+\]/g), "one error").to.have.length(1);
        expect(done.stderr, "no stack").to.not.match(/^\s+at /m);
        expect(done.stdout).to.equal("");

        if (!json) return;
        const asJson = await runCliIn(home, [...args, "--json", "--quiet"], env);
        expect([asJson.exitCode, asJson.stderr]).to.deep.equal([exitCode, ""]);
        const { error } = JSON.parse(asJson.stdout) as { error: Record<string, unknown> };
        expect(error).to.include({ code, exitCode });
      }));
  }

  it("keeps what was obtained: a run without Docker has its record and its reports", () =>
    withFolder(async (home) => {
      const done = await runCliIn(home, ["run", "--case", "TD-001"]);
      expect(done.exitCode).to.equal(3);
      expect(done.stderr)
        .to.contain("[PL_NO_DOCKER]")
        .and.to.not.match(/^\s+at /m);
      const latest = path.join(home, "plumbline-out", "latest");
      expect(readFileSync(path.join(latest, "events.ndjson"), "utf8")).to.contain("Docker does not answer");
      for (const report of ["conformance.json", "junit.xml", "summary.md"]) {
        expect(readFileSync(path.join(latest, report), "utf8")).to.contain("TD-001");
      }
    }));

  it("is one JSON document of a run, too, and the error beside it", () =>
    withFolder(async (home) => {
      const done = await runCliIn(home, ["run", "--case", "TD-001", "--json", "--quiet"]);
      expect(done.exitCode).to.equal(3);
      expect(JSON.parse(done.stdout)).to.have.property("runId");
      expect(done.stderr).to.contain("[PL_NO_DOCKER]");
    }));

  it("is told and used where a record was cut off behind whole events", () =>
    withFolder(async (home) => {
      writeFiles(home, { "old/events.ndjson": record(100).slice(0, -20) });
      const done = await runCliIn(home, ["run", "--failed", "old"]);
      expect(done.stderr).to.match(/old\/events\.ndjson:\d+: the record is cut off in this line/);
      expect(done.stderr).to.contain("[PL_NO_DOCKER]");
      expect(done.stdout).to.contain("STA-005").and.to.contain("TD-001");
    }));

  it("shows its stack with --verbose alone", () =>
    withFolder(async (home) => {
      const done = await runCliIn(home, ["run", "--stack", "nothing-alike", "--verbose"]);
      expect(done.stderr).to.match(/^ +at /m);
    }));
});
