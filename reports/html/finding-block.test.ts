import { expect } from "chai";
import { parseFragment } from "parse5";
import { findingList } from "./finding-block.ts";
import { markup } from "./markup.ts";
import { attributeOf, elementsIn, textOf } from "./parsed-page.test-support.ts";

function shown(expected: unknown, observed: unknown): { text: string; of: (side: string) => string } {
  const finding = { what: "X/y", message: "m", expected: JSON.stringify(expected), observed: JSON.stringify(observed) };
  const root = parseFragment(markup`${findingList({ findings: [finding], reason: "r" })}`.text);
  const pre = elementsIn(root).filter(({ tagName }) => tagName === "pre");
  const spans = elementsIn(root).filter(
    (e) => e.tagName === "span" && e.parentNode && "tagName" in e.parentNode && e.parentNode.tagName === "pre",
  );
  return {
    text: pre.map(textOf).join("|"),
    of: (side) =>
      spans
        .filter((e) => attributeOf(e, "class") === side)
        .map(textOf)
        .join(""),
  };
}

describe("what was expected and what was seen", () => {
  it("stand one below the other where they have nothing in common", () => {
    expect(shown("10.1.1.7", "10.1.1.9").text).to.equal('"10.1.1.7"|"10.1.1.9"');
    expect(shown([], [{ kind: "lease" }]).text).to.equal('[]|[{"kind": "lease"}]');
  });

  it("are lines with signs where they are much the same", () => {
    const entry = (ips: string): unknown => ({
      name: "lane-0/net-a",
      interface: "net1",
      ips: [ips],
      mac: "0a:58:0a:d2:10:07",
      mtu: 1500,
      dns: { nameservers: ["10.96.0.10"], search: ["cluster.local"] },
    });
    const { text, of } = shown(entry("10.1.1.7"), entry("10.1.1.9"));
    expect(text).to.contain('    "interface": "net1",\n');
    expect(of("expected")).to.equal('−   "ips": ["10.1.1.7"],\n');
    expect(of("observed")).to.equal('+   "ips": ["10.1.1.9"],\n');
  });

  it("are compared as lines where they are text of several lines", () => {
    const { of } = shown("a\nb\nc", "a\nB\nc");
    expect([of("expected"), of("observed")]).to.deep.equal(["− b\n", "+ B\n"]);
  });

  it("are cut where they are endless, and that is said", () => {
    for (const endless of [Array.from({ length: 5000 }, (_, i) => `address number ${i}`), "x".repeat(100_000)]) {
      const finding = { what: "X/y", message: "m", expected: "[]", observed: JSON.stringify(endless) };
      const { text } = markup`${findingList({ findings: [finding], reason: "" })}`;
      expect(text.length).to.be.lessThan(13_000);
      expect(text).to.match(/Cut here: it is long\. conformance\.json/);
    }
  });

  it("are left out for an error that compared nothing, and a message that the reader knows", () => {
    const finding = { what: "X/exec", message: "no node", expected: "null", observed: "null" };
    const { text } = markup`${findingList({ findings: [finding], reason: "it ended: no node" })}`;
    expect(text).to.equal('<div class="finding"><h4>X/exec</h4></div>');
  });

  it("stand open for the first three findings, the others at a click", () => {
    const findings = [1, 2, 3, 4, 5].map((n) => ({ what: `f${n}`, message: "", expected: "1", observed: "2" }));
    const { text } = markup`${findingList({ findings, reason: "" })}`;
    expect(text).to.match(/f3.*<summary>2 more of the kind<\/summary>.*f4.*f5/s);
  });
});
