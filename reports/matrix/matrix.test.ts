import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { parse } from "parse5";
import { PlumblineError } from "../../harness/core/errors.ts";
import { writeSampleRecord } from "../../harness/results/sample-record.test-support.ts";
import { cellTimes, mergeRecords } from "../../harness/results/merge-records.ts";
import { matrixExit, worstExit } from "../../harness/results/matrix-outcome.ts";
import { matrixMarkdown } from "./matrix-markdown.ts";
import { matrixModel } from "./matrix-model.ts";
import { matrixText } from "./matrix-text.ts";
import { writeCell } from "./sample-matrix.test-support.ts";
import { writeMatrix } from "./write-matrix.ts";

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof PlumblineError ? error.code : String(error);
  }
  return "nothing was thrown";
}

describe("records of a matrix", () => {
  let out: string;
  beforeEach(() => (out = mkdtempSync(path.join(tmpdir(), "plumbline-matrix-"))));
  afterEach(() => rmSync(out, { recursive: true }));

  const modelOf = () => matrixModel(mergeRecords([out]).matrix, path.join(out, "matrix"));

  it("come together cell by cell, from folders below folders, and a cell without one is missed", () => {
    writeCell(out, "thin-v4.2.3", { dir: "shard-2/run" });
    writeCell(out, "thick-v4.3.0", { exitCode: 0 });
    const { matrix, notes, errors } = mergeRecords([out]);
    expect(notes.concat(errors.map(String))).to.deep.equal([]);
    expect(matrix.cells.map(({ id, run }) => `${id} ${run?.model.ended?.exitCode ?? "none"}`)).to.deep.equal([
      "thick-v4.3.0 0",
      "thick-v4.2.3 none",
      "thin-v4.3.0 none",
      "thin-v4.2.3 1",
    ]);
    expect(modelOf().cells.map(({ outcome }) => outcome)).to.deep.equal(["passed", "no answer", "no answer", "failed"]);
    expect(matrixExit(matrix)).to.equal(1);
    expect(cellTimes(matrix).get("thick-v4.3.0")).to.be.greaterThan(0);
  });

  it("of different plans are refused, and so are two of one cell; a copy is none", () => {
    const one = writeCell(out, "thick-v4.3.0");
    writeCell(out, "thick-v4.3.0", { dir: "copy" });
    expect(mergeRecords([out, one]).matrix.cells.filter(({ run }) => run)).to.have.length(1);
    const other = writeCell(out, "thin-v4.3.0", { plan: `sha256:${"b".repeat(64)}` });
    expect(codeOf(() => mergeRecords([out]))).to.equal("PL_MERGE_PLANS");
    rmSync(other, { recursive: true });
    const again = path.join(writeCell(out, "thick-v4.3.0", { dir: "again" }), "events.ndjson");
    writeFileSync(again, readFileSync(again, "utf8").replace("20260102T030405-thick", "20260103T030405-thick"));
    expect(codeOf(() => mergeRecords([out]))).to.equal("PL_MERGE_TWICE");
  });

  it("that are cut off count up to there, and one that is broken costs no other", () => {
    const cut = path.join(writeCell(out, "thick-v4.3.0"), "events.ndjson");
    truncateSync(cut, statSync(cut).size - 30);
    appendFileSync(path.join(writeCell(out, "thin-v4.3.0"), "events.ndjson"), "no JSON\n");
    const { matrix, notes, errors } = mergeRecords([out]);
    expect(notes).to.have.length(1);
    expect(notes[0]).to.match(/events\.ndjson:\d+: the record is cut off in this line/);
    expect(errors.map((error) => (error as PlumblineError).code)).to.deep.equal(["PL_RECORD_BROKEN"]);
    const [cell] = matrixModel(matrix, out).cells;
    expect(cell?.outcome).to.equal("no answer");
    expect(cell?.counts?.failed, "what can be read is told").to.be.greaterThan(0);
  });

  it("that are none of a matrix are no table", () => {
    expect(codeOf(() => mergeRecords([out]))).to.equal("PL_RECORD_MISSING");
    writeSampleRecord(path.join(out, "plain"));
    expect(codeOf(() => mergeRecords([out]))).to.equal("PL_MERGE_NONE");
  });

  it("end with the exit code that weighs most; an error of ours is no failure", () => {
    expect(worstExit([0, 3, 1, 5])).to.equal(1);
    expect(worstExit([0, 3, 5])).to.equal(3);
    expect(worstExit([0, 0])).to.equal(0);
    expect(worstExit([0, 4])).to.equal(4);
    expect(worstExit([])).to.equal(4);
    writeCell(out, "thick-v4.3.0", { exitCode: 3 });
    expect(modelOf().cells[0]?.outcome).to.equal("error");
  });

  it("make a table by the axes that vary, whose cells lead to the cases that failed there", () => {
    writeCell(out, "thick-v4.3.0", { exitCode: 0 });
    writeCell(out, "thin-v4.2.3");
    const model = modelOf();
    expect([model.rowAxes, model.columnAxis, model.columns]).to.deep.equal([["mode"], "multus", ["v4.3.0", "v4.2.3"]]);
    expect(model.rows.map(({ values, cells }) => [values, cells.map((cell) => cell?.id)])).to.deep.equal([
      [["thick"], ["thick-v4.3.0", "thick-v4.2.3"]],
      [["thin"], ["thin-v4.3.0", "thin-v4.2.3"]],
    ]);
    const files = writeMatrix(mergeRecords([out]).matrix, path.join(out, "matrix"));
    expect(files.map((file) => path.basename(file))).to.deep.equal([
      "compatibility.html",
      "compatibility.md",
      "compatibility.json",
    ]);
    const html = readFileSync(files[0] ?? "", "utf8");
    const errors: string[] = [];
    parse(html, { onParseError: ({ code }) => errors.push(code) });
    expect(errors).to.deep.equal([]);
    expect(html, "it loads nothing")
      .to.contain("default-src &#39;none&#39;")
      .and.not.match(/<(link|img|iframe)\b|src="/);
    for (const [, target = ""] of html.matchAll(/href="#([^"]+)"/g)) expect(html, target).to.contain(`id="${target}"`);
    expect(html).to.contain('href="#cell-thin-v4.2.3"').and.contain("STA-005");
    expect(html, "the assertion, escaped").to.contain("&lt;said&gt;").and.not.contain("<said>");
    expect(html).to.contain('href="../thin-v4.2.3/report.html"');
    const table = JSON.parse(readFileSync(files[2] ?? "", "utf8")) as {
      cells: { id: string; record: string | null }[];
    };
    expect(table.cells.map(({ record }) => record)).to.deep.equal(["../thick-v4.3.0", null, null, "../thin-v4.2.3"]);
  });

  it("make the same as Markdown, in which text is no markup, and links lead to headings", () => {
    writeCell(out, "thin-v4.2.3");
    const text = matrixMarkdown(modelOf());
    expect(text).to.contain("| mode | Multus v4.3.0 | Multus v4.2.3 |");
    const headings = [...text.matchAll(/^### (.+)$/gm)].map(([, name = ""]) =>
      name.toLowerCase().replaceAll(/[^\w-]/g, ""),
    );
    const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    expect(links).to.have.length(4);
    for (const link of links) expect(headings).to.include(link);
    expect(text).to.contain("**failed: STA-005**").and.not.contain("<said>");
  });

  it("tell of each cell on which levels of SR-IOV its cases ran, and what they say", () => {
    writeCell(out, "thin-v4.2.3", { sriovLevels: ["S1", "S2"] });
    writeCell(out, "thick-v4.2.3");
    const text = matrixMarkdown(modelOf());
    expect(text.match(/; SR-IOV S1 and S2/g), "cells of the table that tell").to.have.length(1);
    expect(text).to.contain("S2: what is asked of a VF is kept by the driver of a function without hardware");
    expect(matrixText(modelOf())).to.contain("SR-IOV S1 and S2");
    const [html = "", , json = ""] = writeMatrix(mergeRecords([out]).matrix, path.join(out, "matrix"));
    expect(readFileSync(html, "utf8")).to.contain("S1: what is asked of a VF is requested and restored");
    const { cells } = JSON.parse(readFileSync(json, "utf8")) as { cells: { sriovLevels?: string[] }[] };
    expect(cells.map(({ sriovLevels }) => sriovLevels)).to.deep.equal([undefined, undefined, undefined, ["S1", "S2"]]);
  });

  it("are told on a terminal, a line each, with what failed below", () => {
    writeCell(out, "thin-v4.2.3");
    const text = matrixText(modelOf());
    expect(text).to.match(/^4 cells: 3 no answer, 1 failed\n/);
    expect(text).to.match(/failed +thin-v4\.2\.3 .*\n +failed +STA-005/);
  });
});
