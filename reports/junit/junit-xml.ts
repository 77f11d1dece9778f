import type { CaseModel, RunModel } from "../../harness/results/model.ts";
import { problemOf, type Problem } from "../problem.ts";
import { story } from "../story.ts";
import { element, type XmlNode } from "./xml.ts";

/**
 * JUnit XML for CI systems, one `testsuite` a suite.
 *
 * JUnit has four outcomes and a case has seven, so: failed, flaky and fixed are `failure`, as they fail the gate; error is
 * `error`; skipped is `skipped` with its code. A known deviation is a plain pass with the text in `system-out`: to CI it
 * is expected, and as `skipped` it would look as if it had not run. The status itself is the property
 * `plumbline.status` of every case, so nothing is lost.
 */
export function junitXml(model: RunModel, recordDir: string): string {
  const suites = [...new Set(model.cases.map(({ suite }) => suite))].toSorted();
  const nodes = suites.map((suite) => suiteNode({ model, recordDir }, suite));
  const root = element("testsuites", { name: `plumbline ${model.started.stack}`, ...totals(model.cases) }, nodes);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root.text("")}`;
}

interface Source {
  readonly model: RunModel;
  readonly recordDir: string;
}

function suiteNode(source: Source, suite: string): XmlNode {
  const { started, testbed, ended } = source.model;
  const cases = source.model.cases.filter((entry) => entry.suite === suite);
  const facts = properties({
    "plumbline.run": started.runId,
    "plumbline.stack": started.stack,
    "plumbline.suite-digest": started.suiteDigest,
    "plumbline.cluster": testbed?.cluster,
    "plumbline.causes": ended?.causes.join("; "),
  });
  const timestamp = started.at.replace(/\.\d+Z$/, "");
  return element("testsuite", { name: suite, timestamp, ...totals(cases) }, [
    facts,
    ...cases.map((entry) => caseNode(source, entry)),
  ]);
}

function caseNode({ model, recordDir }: Source, entry: CaseModel): XmlNode {
  const { verdict } = entry;
  const problem = problemOf(model, entry, recordDir);
  const facts = properties({
    "plumbline.status": verdict.status,
    "plumbline.revision": String(entry.revision),
    "plumbline.sriov-levels": entry.sriovLevels.join(" "),
    "plumbline.clauses": entry.clauses.map(({ id }) => id).join(" "),
    "plumbline.touched": verdict.touched ? "true" : undefined,
    "plumbline.deviation": verdict.deviation,
    "plumbline.in-baseline": verdict.inBaseline ? "true" : undefined,
    "plumbline.via": verdict.via,
    "plumbline.evidence": entry.evidence.join(" "),
  });
  const attributes = {
    classname: `plumbline.${entry.suite}`,
    name: `${entry.id} ${entry.title}`,
    time: seconds(entry.durationMs),
  };
  return element("testcase", attributes, [facts, ...outcomeNodes(entry, problem)]);
}

function outcomeNodes({ verdict, shown }: CaseModel, problem: Problem): readonly XmlNode[] {
  const message = verdict.reason;
  switch (verdict.status) {
    case "passed":
      return [];
    case "known":
      return [element("system-out", {}, `known deviation ${verdict.deviation ?? ""}: ${message}\n${story(problem)}`)];
    case "skipped":
      return [element("skipped", { message: `${verdict.skip?.code ?? "SKIPPED"}: ${message}` }, [])];
    case "error":
      return [element("error", { message, type: shown?.failure?.code ?? "error" }, story(problem))];
    case "failed":
    case "flaky":
    case "fixed":
      return [element("failure", { message, type: shown?.failure?.assertion ?? verdict.status }, story(problem))];
  }
}

function properties(facts: Readonly<Record<string, string | undefined>>): XmlNode {
  const given = Object.entries(facts).filter((fact): fact is [string, string] => Boolean(fact[1]));
  return element(
    "properties",
    {},
    given.map(([name, value]) => element("property", { name, value }, [])),
  );
}

function totals(cases: readonly CaseModel[]): Record<string, string> {
  const count = (...statuses: string[]): string =>
    String(cases.filter(({ verdict }) => statuses.includes(verdict.status)).length);
  return {
    tests: String(cases.length),
    failures: count("failed", "flaky", "fixed"),
    errors: count("error"),
    skipped: count("skipped"),
    time: seconds(cases.reduce((sum, { durationMs }) => sum + durationMs, 0)),
  };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
