import type { Globals } from "allure-js-commons";
import type { EnvironmentInfo, ExecutorInfo } from "allure-js-commons/sdk";
import { countsText } from "../../harness/results/counts.ts";
import type { RunModel } from "../../harness/results/model.ts";

/** What the run was made with and what it came to: the statuses that Allure does not have stand here. */
export function environmentOf(model: RunModel): EnvironmentInfo {
  const { started, testbed, core, extended, ended, interrupted } = model;
  const { host } = started;
  const subjects = model.subjects.map(({ name, version, origin, changes }) => {
    const changed = changes.length === 0 ? "" : `, changed: ${changes.join("; ")}`;
    return [`subject.${name}`, `${version} (${origin}${changed})`] as const;
  });
  return {
    stack: started.stack,
    profile: started.profile?.name,
    cases: countsText(model.counts),
    "conformance.core": core?.conformance,
    "conformance.extended": extended?.conformance,
    gate: ended ? [`exit code ${ended.exitCode}`, ...ended.causes].join("; ") : "the run died before its end",
    interrupted,
    "clean-up": model.cleanupFailures.length === 0 ? undefined : `failed: ${model.cleanupFailures.join("; ")}`,
    run: started.runId,
    "suite.version": started.suiteVersion,
    "suite.digest": started.suiteDigest,
    "multus.mode": testbed?.facts.mode,
    "network.default": testbed?.facts.defaultNetwork,
    "cni.version": testbed?.facts.cniVersion,
    nodes: testbed?.nodes.join(", "),
    ...Object.fromEntries(subjects),
    "host.os": host.os,
    "host.kernel": host.kernel,
    "host.cpus": String(host.cpus),
    "host.memory": `${(host.memoryBytes / 2 ** 30).toFixed(1)} GiB`,
    "host.node": host.nodeVersion,
  };
}

/** Trends are drawn in the order of the time at which runs began. */
export function executorOf({ started }: RunModel): ExecutorInfo {
  return {
    name: "Plumbline",
    type: "plumbline",
    buildName: started.runId,
    buildOrder: Number(started.at.replaceAll(/\D/g, "").slice(0, 14)),
    reportName: `Plumbline on ${started.stack}`,
  };
}

/** What went wrong with the run and not with one case. */
export function runErrors({ cleanupFailures, interrupted, ended, times }: RunModel): Globals["errors"] {
  const messages = [
    ...cleanupFailures.map((message) => `clean-up failed: ${message}`),
    ...(interrupted === undefined ? [] : [`the run was interrupted by ${interrupted}`]),
    ...(ended ? [] : ["the record stops before the end of the run: its process died"]),
  ];
  return messages.map((message) => ({ message, timestamp: Date.parse(times.endedAt) }));
}
