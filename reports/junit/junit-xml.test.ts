import { expect } from "chai";
import fc from "fast-check";
import { foldEvents } from "../../harness/results/model.ts";
import { sampleEvents } from "../../harness/results/sample-events.test-support.ts";
import { junitXml } from "./junit-xml.ts";
import { element } from "./xml.ts";

const name = String.raw`[A-Za-z][\w.-]*`;
const value = String.raw`"(?:[^"<&\n]|&(?:amp|lt|gt|quot|#\d+);)*"`;
const tag = new RegExp(`<(?<end>/?)(?<tag>${name})(?: ${name}=${value})*(?<alone>/?)>`, "g");
const forbidden = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** Whether tags nest, attributes are quoted and no forbidden character is left; true XML needs no more of us. */
function isWellFormed(xml: string): boolean {
  const body = xml.replace(/^<\?xml [^>]*\?>\n/, "");
  const open: string[] = [];
  for (const { groups } of body.matchAll(tag)) {
    if (groups?.["end"] && open.pop() !== groups["tag"]) return false;
    if (!groups?.["end"] && !groups?.["alone"]) open.push(groups?.["tag"] ?? "");
  }
  const isText = /^(?:[^<&]|&(?:amp|lt|gt|quot|#\d+);)*$/.test(body.replaceAll(tag, ""));
  return open.length === 0 && isText && !forbidden.test(xml);
}

describe("JUnit XML", () => {
  const xml = junitXml(foldEvents(sampleEvents()), "out/run");
  const caseOf = (id: string): string =>
    new RegExp(`<testcase [^>]*name="${id} [\\s\\S]*?</testcase>`).exec(xml)?.[0] ?? "";

  it("is well formed", () => {
    expect(isWellFormed(xml)).to.equal(true);
  });

  const table: [id: string, has: RegExp, hasNot: RegExp][] = [
    ["ATT-001", /plumbline\.status" value="passed"/, /<(failure|error|skipped|system-out)/],
    ["STA-005", /<failure message="why STA-005 is failed" type="STA-005\/ips">/, /<(error|skipped)/],
    ["TD-001", /<failure /, /<(error|skipped)/],
    ["RTE-002", /<failure message="why RTE-002 is fixed"/, /<(error|skipped)/],
    ["IPM-001", /<error message="why IPM-001 is error" type="PL_X">/, /<(failure|skipped)/],
    ["NAD-001", /<skipped message="SKIP_FEATURE: there is one node"\/>/, /<(failure|error)/],
    ["RTE-001", /<system-out>known deviation route-kept/, /<(failure|error|skipped)/],
  ];
  for (const [id, has, hasNot] of table) {
    it(`tells ${id} as what it is`, () => {
      expect(caseOf(id)).to.match(has).and.not.to.match(hasNot);
    });
  }

  it("says in a failure what was expected and seen, by which clause, and how to see it again", () => {
    expect(caseOf("STA-005"))
      .to.match(/expected: "10\.1\.1\.7"\n\s+observed: "10\.1\.1\.9"/)
      .and.to.match(/clause NPWG-5-status-list \(NPWG multi-net-spec v1\.3, 5\)/)
      .and.to.match(/evidence: out\/run\/evidence\/STA-005\/cni\.json/)
      .and.to.match(/reproduce: plumbline run --stack ptp-thick --case STA-005/)
      .and.to.match(/&amp; &lt;said&gt;/);
  });

  it("marks a touched case", () => {
    expect(caseOf("ATT-002")).to.match(/name="plumbline\.touched" value="true"/);
    expect(caseOf("ATT-001")).not.to.match(/plumbline\.touched/);
  });

  it("stays well formed with any text in it", () => {
    const nasty = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(nasty, nasty, (attribute, content) => {
        expect(isWellFormed(element("a", { b: attribute }, [element("c", {}, content)]).text(""))).to.equal(true);
      }),
    );
    expect(isWellFormed(element("a", { b: "\uD800\u0000" }, "\uDFFF\u001B[31m").text(""))).to.equal(true);
  });
});
