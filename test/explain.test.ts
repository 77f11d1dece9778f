import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { packageFile } from "../harness/core/package-root.ts";
import { runCli } from "./run-cli.ts";

describe("plumbline explain", () => {
  for (const [title, what, wanted] of [
    [
      "an error",
      "PL_DOCKER",
      [/^PL_DOCKER\n/, /It lies with this host: exit code 3/, /Usual causes\n {2}- /, /What to do\n {2}- /],
    ],
    ["an error as it is copied", "[pl_grep]", [/^PL_GREP\n/, /exit code 2/]],
    ["a skip", "SKIP_FEATURE", [/^SKIP_FEATURE\n/, /What to do/]],
    ["an exit code", "3", [/^Exit code 3\n/, /no word against the subject/]],
    [
      "a case",
      "td-001",
      [/^TD-001\n/, /Required by\n {2}- NPWG/, /Observed by\n {2}- `no-residue`/, /Upstream:\s+https:/],
    ],
    ["a clause", "CNI-2-del-releases", [/^CNI-2-del-releases\n/, /SHOULD, for plugin/, /Checked by\n/, / {2}TD-001 /]],
  ] as const) {
    it(`tells of ${title}`, async () => {
      const { exitCode, stdout, stderr } = await runCli(["explain", what]);
      expect([exitCode, stderr]).to.deep.equal([0, ""]);
      for (const part of wanted) expect(stdout).to.match(part);
      expect(stdout).not.to.contain("](").and.not.to.contain("**");
      const lines = stdout.split("\n").filter((line) => line.length > 100 && line.trim().includes(" "));
      expect(lines, "lines longer than 100").to.deep.equal([]);
    });
  }

  it("lists all codes, short", async () => {
    const { stdout } = await runCli(["explain"]);
    expect(stdout)
      .to.match(/^PL_USAGE +The command line/m)
      .and.to.match(/^SKIP_KERNEL /m)
      .and.to.match(/^143 /m);
    expect(stdout).not.to.contain("TD-001");
  });

  it("is JSON with --json", async () => {
    const data = JSON.parse((await runCli(["explain", "PL_POD_NOT_READY", "--json"])).stdout) as Record<
      string,
      unknown
    >;
    expect(data)
      .to.include({ code: "PL_POD_NOT_READY" })
      .and.to.have.all.keys("code", "kind", "means", "causes", "do", "group");
  });

  it("gives the nearest name for what it does not know", async () => {
    const { exitCode, stderr } = await runCli(["explain", "PL_DOKCER"]);
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain("[PL_UNEXPLAINED]").and.to.contain("did you mean PL_DOCKER?");
  });

  it("is what an error of host or harness points at", async () => {
    const { stderr } = await runCli(["gc", "--dry-run", "--quiet"]);
    const code = /\[(PL_\w+)\]/.exec(stderr)?.[1] ?? "";
    expect(stderr).to.contain(`plumbline explain ${code}`);
    expect((await runCli(["explain", code])).stdout).to.match(new RegExp(`^${code}\n`));
  });
});

describe("plumbline docs", () => {
  let dir = "";
  before(() => {
    dir = mkdtempSync(path.join(tmpdir(), "plumbline-docs-"));
  });
  after(() => rmSync(dir, { recursive: true }));

  it("writes the pages that the project has, and finds them fresh then", async () => {
    const written = await runCli(["docs", "--out", dir]);
    expect(written.stdout).to.match(/^\d+ pages in .*: \d+ written; begin with .*README\.md\n$/);
    for (const name of ["errors.md", "cases/README.md", "cases/teardown-delete.md"]) {
      expect(readFileSync(path.join(dir, name), "utf8")).to.equal(readFileSync(packageFile("docs", name), "utf8"));
    }
    expect((await runCli(["docs", "--out", dir, "--check"])).stdout).to.contain("all fresh");
  });

  it("tells of a page that was changed and of one that is of no suite, and puts both right; others stay", async () => {
    const page = path.join(dir, "cases", "teardown-delete.md");
    const text = readFileSync(page, "utf8");
    writeFileSync(page, `${text}more\n`);
    writeFileSync(path.join(dir, "cases", "gone.md"), text);
    writeFileSync(path.join(dir, "cases", "mine.md"), "# Mine\n");
    const stale = await runCli(["docs", "--out", dir, "--check"]);
    expect(stale.exitCode).to.equal(2);
    expect(stale.stderr).to.contain("cases/teardown-delete.md, cases/gone.md [PL_DOCS_STALE]");
    const done = JSON.parse((await runCli(["docs", "--out", dir, "--json"])).stdout) as object;
    expect(done).to.deep.include({ written: ["cases/teardown-delete.md"], removed: ["cases/gone.md"] });
    expect(readFileSync(page, "utf8")).to.equal(text);
    expect(readFileSync(path.join(dir, "cases", "mine.md"), "utf8")).to.equal("# Mine\n");
  });

  it("says where it cannot write", async () => {
    const { exitCode, stderr } = await runCli(["docs", "--out", packageFile("package.json")]);
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain("[PL_OUT]");
  });
});
