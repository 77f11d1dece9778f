import { expect } from "chai";
import { loadCaseLibrary, type CaseLibrary } from "./case-library.ts";
import { casePages, pageName } from "./case-pages.ts";
import { caseSection } from "./case-section.ts";

const library = loadCaseLibrary();

function section(id: string, of: CaseLibrary = library): string {
  const entry = of.cases.find((candidate) => candidate.id === id) ?? expect.fail(`no case ${id}`);
  return caseSection(entry, of);
}

describe("the section of a case", () => {
  it("tells what is required, by which clause, how it is observed, and what it needs", () => {
    const text = section("RTE-001");
    expect(text).to.match(/^## RTE-001\n\n`default-route` on one attachment/);
    expect(text).to.match(
      /- \[NPWG multi-net-spec v1\.3, 4\.1\.2\.1\.9\]\(https:.*\), MUST, for Multus \(`NPWG-4\.1\.2\.1\.9-default-route`\): Where/,
    );
    expect(text).to.contain("- `one-default-route`: IPv4 default routes of the pod\n");
    expect(text).to.contain("**Needs** one node that takes pods (L1); 2 pods; `kernel-bridge`");
    expect(section("SRV-040")).to.contain("1 pod; `sriov-s0` or `sriov-s3`.");
  });

  it("tells what a failure means by the faults that the case notices, and by what is known of releases", () => {
    const text = section("RTE-001");
    expect(text)
      .to.contain("- `one-default-route` fails: ")
      .and.to.contain("(planted as `multus-removes-every-default-route`)");
    expect(text).to.contain("- multus `>=4.2.2 <=4.3.0`: The cluster network keeps").and.to.contain("/pull/1552)");
  });

  it("tells of a case that no release passes that it was seen to pass", () => {
    expect(section("TD-011")).to.contain("it was seen behind `a-failed-teardown-is-tried-again`");
  });

  it("says nothing where nothing is known", () => {
    const text = section("RTE-001", { ...library, faults: [], deviations: [], claims: new Map() });
    expect(text).not.to.match(/usually means|Known deviations|Observed by/);
  });
});

describe("the pages of the cases", () => {
  const pages = casePages(library);

  it("have each case once, on the page of its suite, and a link to it", () => {
    const index = pages.get("README.md") ?? "";
    for (const { id, file, title } of library.cases) {
      const page = pages.get(pageName(file)) ?? "";
      expect(page.split(`\n## ${id}\n`), id).to.have.length(2);
      expect(index).to.contain(`| [${id}](${pageName(file)}#${id.toLowerCase()}) | ${title.replaceAll("|", "\\|")} |`);
    }
    expect(pages.size).to.equal(new Set(library.cases.map(({ file }) => file)).size + 1);
  });

  it("have one table for a suite of several files", () => {
    const [first, second, ...rest] = library.cases.filter(({ file }) => file.startsWith("suites/sriov/"));
    if (!first || !second) throw new Error("there are no cases of SR-IOV");
    const cases = [first, { ...second, suite: first.suite, file: "suites/sriov/another.suite" }, ...rest];
    const index = casePages({ ...library, cases }).get("README.md") ?? "";
    const heading = `### ${first.suite.slice(0, 1).toUpperCase()}${first.suite.slice(1)}\n`;
    expect(index.split(heading)).to.have.length(2);
    expect(index.slice(index.indexOf(heading))).to.contain(`(sriov-another.md#${second.id.toLowerCase()})`);
  });

  it("show profiles and what is core", () => {
    expect(pages.get("README.md")).to.match(/^\| `NPWG` \| \d+ \| \d+ \| What/m);
    expect(pages.get("README.md")).to.match(/^\| \[RTE-001\].*\| \*\*NPWG\*\*, \*\*quick\*\* \|$/m);
  });
});
