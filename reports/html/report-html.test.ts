import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { expect } from "chai";
import { CASE_STATUSES } from "../../harness/core/status.ts";
import type { RunEvent, RunEventBody } from "../../harness/results/events.ts";
import { foldEvents, type RunModel } from "../../harness/results/model.ts";
import {
  caseEnd,
  failed,
  numbered,
  SAMPLE_STATUSES,
  sampleEvents,
} from "../../harness/results/sample-events.test-support.ts";
import { attributeOf, elementsIn, ParsedPage, textOf } from "./parsed-page.test-support.ts";
import { recordDir } from "./record.test-support.ts";
import { reportHtml } from "./report-html.ts";

/** What makes a browser load something or go somewhere by itself. */
const LOADING = [
  "src",
  "srcset",
  "poster",
  "data",
  "action",
  "formaction",
  "background",
  "ping",
  "manifest",
  "xlink:href",
  "style",
];
const LOADING_TAGS = [
  "link",
  "img",
  "iframe",
  "object",
  "embed",
  "audio",
  "video",
  "source",
  "base",
  "image",
  "use",
  "form[action]",
];

const HOSTILE = `</script></style></title></pre>--><img src=x onerror=alert(1)>"' onmouseover='x' \${1} \`code\` & \u0000\u001B[31m`;

const HOSTILE_FILE = `evidence/${HOSTILE.replaceAll("/", "_").replaceAll("\0", "_")}`;

describe("the HTML report", () => {
  let dir: string;
  before(() => {
    dir = recordDir({ "evidence/STA-005/cni.json": '{"ips": []}\n', "evidence/ATT-002/state.json": "{}\n" });
  });
  after(() => rmSync(dir, { recursive: true }));

  const htmlOf = (events: readonly RunEvent[]): string => reportHtml(foldEvents(events), { dir, recordDir: "." });
  const pageOf = (events: readonly RunEvent[]): ParsedPage => new ParsedPage(htmlOf(events));

  describe("of a record which has every status in it", () => {
    let page: ParsedPage;
    let model: RunModel;
    before(() => {
      page = pageOf(sampleEvents());
      model = foldEvents(sampleEvents());
    });
    const article = (id: string): string => textOf(page.byId(`problem-${id}`)).replaceAll(/\s+/g, " ");

    it("is valid, with one h1 and no id twice", () => {
      expect(page.errors).to.deep.equal([]);
      expect(page.all("h1").map(textOf)).to.deep.equal(["Not passed (exit 1)"]);
      const ids = page.elements.flatMap((element) => attributeOf(element, "id") ?? []);
      expect(ids.filter((id, i) => ids.indexOf(id) !== i)).to.deep.equal([]);
    });

    it("leads nowhere inside itself where nothing is", () => {
      const targets = page.all("a", "href").map((a) => attributeOf(a, "href") ?? "");
      const inside = targets.filter((target) => target.startsWith("#"));
      expect(inside.length).to.be.greaterThan(15);
      for (const target of new Set(inside)) page.byId(target.slice(1));
    });

    it("counts as the model does, at its top and in its rows", () => {
      for (const status of CASE_STATUSES) {
        const [count, ...others] = page.all("li", "data-count", status);
        expect(others).to.deep.equal([]);
        expect(count && textOf(count), status).to.equal(`${model.counts[status]} ${status}`);
        expect(page.all("tr", "data-status", status).length, status).to.equal(model.counts[status]);
      }
      for (const [id, status] of Object.entries(SAMPLE_STATUSES))
        expect(attributeOf(page.byId(`case-${id}`), "data-status"), id).to.equal(status);
      expect(page.all("tr", "data-touched").map((row) => attributeOf(row, "id"))).to.deep.equal(["case-ATT-002"]);
    });

    it("says of both levels whether they conform", () => {
      const levels = page.all("dl", "class", "levels").map(textOf).join("").replaceAll(/\s+/g, " ");
      expect(levels)
        .to.contain("core")
        .and.to.match(/corenot conformant 7 cases: .*1 failed/);
      expect(levels).to.match(/extendedincomplete 2 cases: 1 skipped; 1 not chosen for this run/);
    });

    it("puts failures first, and keeps apart what is the plugin's, what is ours, and what was expected", () => {
      const sections = page.all("section").map((element) => attributeOf(element, "id"));
      expect(sections).to.deep.equal([
        "failures",
        "fixed",
        "errors",
        "known",
        "skipped",
        "invariants",
        "cases",
        "times",
        "tested",
      ]);
      const inside = (id: string): string[] =>
        elementsIn(page.byId(id)).flatMap((e) => /^problem-(.*)/.exec(attributeOf(e, "id") ?? "")?.[1] ?? []);
      expect(inside("failures")).to.deep.equal(["STA-005", "TD-001"]);
      expect(inside("fixed")).to.deep.equal(["RTE-002"]);
      expect(inside("errors")).to.deep.equal(["IPM-001"]);
      expect(inside("known")).to.deep.equal(["RTE-001"]);
    });

    it("tells a failure with clause, values, evidence and the command", () => {
      expect(article("STA-005"))
        .to.contain("why STA-005 is failed")
        .and.to.contain("NPWG multi-net-spec v1.3, 5 MUSTThe annotation is a list.")
        .and.to.match(/STA-005\/ips.*did not hold & <said> "so".*expected"10\.1\.1\.7"observed"10\.1\.1\.9"/)
        .and.to.contain("invariant four-sources on lane-0/att-002: net1 ips")
        .and.to.contain('{"ips": []}')
        .and.to.contain("plumbline run --stack ptp-thick --case STA-005");
      expect(page.all("a", "href", "https://example.org/spec")).not.to.deep.equal([]);
    });

    it("tells an error with whose it is, a flaky case with its attempts, a known one with its issue", () => {
      expect(article("IPM-001")).to.contain("brokethe host").and.to.contain("no node");
      expect(article("TD-001")).to.contain("attemptspassed, failed");
      expect(article("RTE-001")).to.contain("the route stays").and.to.contain("https://example.org/1");
    });

    it("tells why what was skipped was, by code", () => {
      const skipped = textOf(page.byId("skipped"));
      expect(skipped).to.contain("SKIP_FEATURE").and.to.contain("NAD-001").and.to.contain("there is one node");
    });

    it("has what could not be cleaned up at the top", () => {
      expect(page.all("p", "class", "notice").map(textOf)).to.deep.equal(["Clean-up failed: delete the network"]);
    });

    it("needs nothing but itself, and lets nothing in", () => {
      const html = htmlOf(sampleEvents());
      for (const tag of LOADING_TAGS) expect(page.all(tag), tag).to.deep.equal([]);
      for (const attribute of LOADING)
        expect(
          page.elements.filter((element) => attributeOf(element, attribute) !== undefined),
          attribute,
        ).to.deep.equal([]);
      const addresses = [...html.matchAll(/https?:\/\/[^\s"<]+/g)].map(([address]) => address);
      expect(addresses.filter((address) => !address.startsWith("https://example.org/"))).to.deep.equal([]);
      expect(html).not.to.match(/@import|url\(|fetch\(|XMLHttpRequest|sendBeacon|import\(/);
    });

    it("has a policy that names its own style and script, and they are that", () => {
      const [meta] = page.all("meta", "http-equiv", "Content-Security-Policy");
      const policy = (meta && attributeOf(meta, "content")) ?? "";
      expect(policy)
        .to.match(/^default-src 'none'; /)
        .and.not.to.match(/unsafe|https?:/);
      const contents = [...page.all("style"), ...page.all("script")].map(textOf);
      expect(contents.length).to.equal(2);
      for (const content of contents)
        expect(policy).to.contain(`'sha256-${createHash("sha256").update(content).digest("base64")}'`);
    });
  });

  it("is the same for the same record, and where it lies does not show", () => {
    const html = htmlOf(sampleEvents());
    expect(htmlOf(sampleEvents())).to.equal(html);
    expect(html).not.to.contain(dir);
  });

  it("lets no text of a run become markup", () => {
    const hostile = numbered(sampleEvents().map((event) => poisoned(event)));
    const own = recordDir({ "evidence/STA-005/cni.json": HOSTILE, [HOSTILE_FILE]: HOSTILE });
    const page = new ParsedPage(reportHtml(foldEvents(hostile), { dir: own, recordDir: "." }));
    rmSync(own, { recursive: true });
    const clean = pageOf(sampleEvents());
    expect(page.errors).to.deep.equal([]);
    const tags = (of: ParsedPage): string[] => [...new Set(of.elements.map(({ tagName }) => tagName))].toSorted();
    expect(tags(page)).to.deep.equal(tags(clean));
    const handlers = page.elements
      .flatMap(({ attrs }) => attrs.map(({ name }) => name))
      .filter((name) => /^on|^src|^style$/.test(name));
    expect(handlers).to.deep.equal([]);
    expect(page.all("script").length + page.all("style").length).to.equal(2);
    // it is all there, as text
    expect(textOf(page.byId("problem-STA-005")).split("<img src=x onerror=alert(1)>").length).to.be.greaterThan(8);
    const schemes = page
      .all("a", "href")
      .map((a) => attributeOf(a, "href") ?? "")
      .filter((href) => !/^(#|https:|[\w%])/.test(href) || /^javascript/i.test(href));
    expect(schemes).to.deep.equal([]);
  });

  it("says plainly that a run was interrupted, or that its record has no end", () => {
    const cut = sampleEvents().filter(
      ({ type }) => type !== "run-ended" && type !== "verdict" && type !== "cleanup-failed",
    );
    const incomplete = pageOf(cut.filter((event) => event.type !== "case-ended" || event.caseId !== "TD-001"));
    expect(incomplete.all("h1").map(textOf)).to.deep.equal(["Incomplete"]);
    expect(incomplete.all("p", "class", "notice").map(textOf).join("")).to.match(
      /The record stops before the end of the run.*1 case never came to an end/,
    );
    const interrupted = pageOf(numbered([...cut, { type: "interrupted", signal: "SIGINT" }]));
    expect(interrupted.all("h1").map(textOf)).to.deep.equal(["Interrupted by SIGINT"]);
    expect(interrupted.all("p", "class", "notice").map(textOf).join("")).to.match(/interrupted by SIGINT/);
  });

  it("tells one reason of many cases once, and each of them leads there", () => {
    const events = sampleEvents().flatMap((event): RunEventBody[] => {
      if (event.type === "verdict")
        return [{ ...event, status: "error", reason: "the run ended before the case: no cluster" }];
      return event.type === "case-ended" || event.type === "violation" ? [] : [event];
    });
    const page = pageOf(numbered(events));
    expect(page.all("details", "class", "problem is-error").length).to.equal(1);
    expect(textOf(page.byId("problem-ATT-001")))
      .to.contain("8 cases")
      .and.to.contain("no cluster");
    page.byId("problem-TD-001");
  });

  it("stays small: 200 cases without evidence are under 450 kB", () => {
    const html = htmlOf(manyCases(200));
    expect(new ParsedPage(html).all("tr", "data-status").length).to.equal(200);
    expect(Buffer.byteLength(html)).to.be.lessThan(450_000);
  });
});

/** What tells events and cases apart; all else in an event may hold anything. */
const STRUCTURE = new Set(
  "type at id caseId case clauses selection core extended outcome kind code status level deviation via madeBy clauseCase mode origin change".split(
    " ",
  ),
);

/** The event with every free text of it made hostile, and with hostile evidence. */
function poisoned(event: RunEvent): RunEventBody {
  const walk = (value: unknown, key: string): unknown => {
    if (STRUCTURE.has(key)) return value;
    if (key === "url" || key === "issue") return `javascript:${HOSTILE}`;
    if (key === "evidence" && Array.isArray(value)) return [...value, HOSTILE_FILE];
    if (typeof value === "string") return `${value}${HOSTILE}`;
    if (Array.isArray(value)) return value.map((item) => walk(item, ""));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, name)]));
  };
  // the list of clauses at the start holds their texts, that of a case their ids
  const clauses = event.type === "run-started" ? { clauses: event.clauses.map((clause) => walk(clause, "")) } : {};
  return { ...(walk(event, "") as RunEventBody), ...clauses } as RunEventBody;
}

function manyCases(count: number): RunEvent[] {
  const [started] = sampleEvents();
  if (started?.type !== "run-started") throw new Error("no start");
  const ids = Array.from({ length: count }, (_, i) => `BIG-${String(i).padStart(3, "0")}`);
  const [first] = started.planned;
  if (!first) throw new Error("no case");
  const planned = ids.map((id, i) => ({
    ...first,
    id,
    suite: `suite ${i % 40}`,
    title: "a title of the usual length, which tells what the case demands of a plugin",
  }));
  return numbered([
    { ...started, selection: ids, planned },
    ...ids.flatMap((id, i): RunEventBody[] => [
      { type: "case-started", caseId: id, lane: i % 3 },
      caseEnd(id, i % 20 === 0 ? failed(`${id}/what`) : {}),
    ]),
  ]);
}
