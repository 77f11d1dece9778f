import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { renderAllure, type RenderAllureOptions } from "./render-allure.ts";
import { nextDay, SampleRecord } from "./sample-record.test-support.ts";

/** Stands for `allure generate`: a page with analytics, a history that grows by a line a run, a note of its call. */
const ALLURE_2 = `#!/bin/sh
dir=$(dirname "$0"); echo "$ALLURE_NO_ANALYTICS $*" >> "$dir/calls"
old=; single=
while [ $# -gt 0 ]; do
  [ "$1" = --output ] && out=$2
  [ "$1" = --single-file ] && single=yes
  [ -f "$1/history/history.json" ] && old=$1/history/history.json
  shift
done
mkdir -p "$out"
[ "$single" ] || { mkdir "$out/history"; { [ "$old" ] && cat "$old"; echo run; } > "$out/history/history.json"; }
echo '<html><head></head><body>Allure<script async src="https://www.googletagmanager.com/gtag/js"></script></body></html>' > "$out/index.html"
[ ! -f "$dir/fails" ] || { echo "cannot read results" >&2; exit 3; }
`;
const ALLURE_3 = `
const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require("node:fs");
const config = JSON.parse(readFileSync(process.argv[process.argv.indexOf("--config") + 1], "utf8"));
mkdirSync(config.output, { recursive: true });
appendFileSync(config.historyPath, "run\\n");
writeFileSync(config.output + "/index.html", "<html><head></head><body>Allure<script>gtag('js')</script></body></html>");
writeFileSync(config.output + "/config.json", JSON.stringify(config));
`;

describe("the HTML of Allure", () => {
  const javaHome = process.env["JAVA_HOME"];
  let record: SampleRecord;
  let results: string;
  let nextResults: string;
  beforeEach(async () => {
    record = new SampleRecord();
    results = await record.write("results");
    nextResults = await record.write("next-results", nextDay());
    setJava(true);
  });
  afterEach(() => {
    if (javaHome === undefined) delete process.env["JAVA_HOME"];
    else process.env["JAVA_HOME"] = javaHome;
    record.remove();
  });

  const at = (...parts: string[]): string => path.join(record.dir, ...parts);
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(at(file)), { recursive: true });
    writeFileSync(at(file), text);
    chmodSync(at(file), 0o755);
  };
  const setJava = (works: boolean): void => {
    write("java/bin/java", `#!/bin/sh\nexit ${works ? 0 : 1}\n`);
    process.env["JAVA_HOME"] = at("java");
  };
  const install2 = (): void => write("node_modules/allure-commandline/dist/bin/allure", ALLURE_2);
  const install3 = (): void => write("node_modules/allure/cli.js", ALLURE_3);
  const render = (more: Partial<RenderAllureOptions> = {}) =>
    renderAllure({ resultsDirs: [results], outDir: at("html"), packageFolders: [record.dir], ...more });
  const refused = async (more: Partial<RenderAllureOptions> = {}): Promise<unknown> =>
    render(more).catch((error: unknown) => error);
  const leftovers = (): readonly string[] => readdirSync(record.dir).filter((name) => name.startsWith(".allure-"));

  it("is made by Allure 2 where there is a Java", async () => {
    install2();
    install3();
    expect(await render()).to.deep.equal({ tool: "allure2", index: at("html", "index.html") });
    expect(readFileSync(at("node_modules/allure-commandline/dist/bin/calls"), "utf8"))
      .to.match(/^true generate /)
      .and.to.contain("--report-name Plumbline on ptp-thick");
    expect(leftovers()).to.deep.equal([]);
  });

  it("is made by Allure 3 without a Java, where Allure 2 is not installed, and on demand", async () => {
    install3();
    expect(await render(), "not installed").to.include({ tool: "allure3" });
    install2();
    expect(await render({ tool: "allure3" }), "on demand").to.include({ tool: "allure3" });
    setJava(false);
    expect(await render(), "no Java").to.include({ tool: "allure3" });
  });

  it("has our categories in Allure 3, and the trees by suite and clause", async () => {
    install3();
    await render({ singleFile: true });
    const config = JSON.parse(readFileSync(at("html", "config.json"), "utf8")) as Record<string, unknown>;
    expect(config["categories"]).to.deep.equal(JSON.parse(readFileSync(path.join(results, "categories.json"), "utf8")));
    expect(config["plugins"]).to.deep.equal({
      awesome: {
        options: { reportName: "Plumbline on ptp-thick", singleFile: true, groupBy: ["epic", "feature", "story"] },
      },
    });
  });

  it("has no analytics, whichever tool put some in", async () => {
    install2();
    install3();
    for (const tool of ["allure2", "allure3"] as const) {
      await render({ tool });
      expect(readFileSync(at("html", "index.html"), "utf8"), tool)
        .to.contain("Content-Security-Policy")
        .and.not.to.match(/googletagmanager|gtag/);
    }
  });

  for (const tool of ["allure2", "allure3"] as const) {
    it(`carries the history of ${tool} from run to run, and counts no run twice`, async () => {
      install2();
      install3();
      const historyDir = at("kept");
      const runs = (): readonly number[] =>
        readdirSync(path.join(historyDir, tool), { recursive: true, encoding: "utf8" })
          .filter((file) => /history\.jsonl?$/.test(file))
          .toSorted()
          .map((file) => readFileSync(path.join(historyDir, tool, file), "utf8").split("\n").length - 1);
      await render({ tool, historyDir });
      expect(runs()).to.deep.equal([1]);
      await render({ tool, historyDir, resultsDirs: [nextResults] });
      await render({ tool, historyDir, resultsDirs: [nextResults], singleFile: true });
      await render({ tool, historyDir });
      expect(runs()).to.deep.equal([1, 2]);
    });
  }

  it("says how to get a tool that is missing", async () => {
    const withJava = await refused();
    expect(withJava).to.include({ code: "PL_ALLURE_MISSING", kind: "host" });
    expect(withJava)
      .to.have.property("hint")
      .that.matches(/^npm install allure-commandline@2\.\d+\.\d+ /);
    setJava(false);
    expect(await refused())
      .to.have.property("hint")
      .that.matches(/^npm install allure@3\.\d+\.\d+ /);
    install2();
    expect(await refused({ tool: "allure2" })).to.include({ code: "PL_JAVA_MISSING" });
  });

  it("stays as it was if the next one cannot be made", async () => {
    install2();
    await render();
    write("node_modules/allure-commandline/dist/bin/fails", "");
    const error = await refused({ resultsDirs: [nextResults], historyDir: at("kept") });
    expect(error).to.include({ code: "PL_ALLURE" });
    expect(error).to.have.property("message").that.contains("cannot read results");
    expect(existsSync(at("html", "index.html"))).to.equal(true);
    expect(existsSync(at("kept"))).to.equal(false);
    expect(leftovers()).to.deep.equal([]);
  });

  it("replaces nothing but a report", async () => {
    install2();
    write("html/thesis.txt", "years of work");
    expect(await refused()).to.include({ code: "PL_OUT" });
    expect(existsSync(at("html", "thesis.txt"))).to.equal(true);
    rmSync(at("html", "thesis.txt"));
    expect(await render()).to.include({ tool: "allure2" });
  });

  it("is refused for a folder without our results", async () => {
    install2();
    expect(await refused({ resultsDirs: [at("record")] })).to.include({ code: "PL_ALLURE_RESULTS" });
  });
});
