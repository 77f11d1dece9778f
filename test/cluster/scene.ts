import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import type { RunEvent } from "../../harness/results/events.ts";
import { readRecord } from "../../harness/results/record-reader.ts";
import { KIND_LABEL } from "../../harness/cluster/docker-objects.ts";
import { Deadline } from "../../harness/core/deadline.ts";
import { until } from "../../harness/core/until.ts";
import { run, type Finished } from "../../harness/process/run.ts";
import { runCliIn } from "../run-cli.ts";
import { hostThings, leftOnHost } from "./left-on-host.ts";
import { Program } from "./program.ts";

const CASES = ["ATT-001", "TD-001", "TD-014"].flatMap((id) => ["--case", id]);
const PHASE_TIMEOUT_MS = 300_000;

/** A folder in which runs of a few cases are started on clusters of their own, and the host as it was before. */
export class Scene {
  readonly cwd = mkdtempSync(path.join(tmpdir(), "plumbline-scene-"));
  readonly #before = hostThings();

  close(): void {
    rmSync(this.cwd, { recursive: true });
  }

  /** @param env more for its environment */
  start(cluster: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Program {
    return this.startCases(CASES, cluster, { args, env });
  }

  /** @param cases options that choose them */
  startCases(
    cases: readonly string[],
    cluster: string,
    {
      args = [],
      env = {},
    }: { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
  ): Program {
    const command = ["run", "--name", cluster, "--out", `records-${cluster}`, ...cases, ...args];
    return Program.start(command, { cwd: this.cwd, env });
  }

  async startUntil(line: RegExp, cluster: string, env: Readonly<Record<string, string>> = {}): Promise<Program> {
    const program = this.start(cluster, [], env);
    await program.sees(line, PHASE_TIMEOUT_MS);
    return program;
  }

  /** Waits until a node of a cluster runs. */
  async nodesRun(cluster: string): Promise<void> {
    const argv = ["ps", "--quiet", "--filter", `label=${KIND_LABEL}=${cluster}`];
    await until(async () => (await run("docker", argv, { timeoutMs: 30_000 })).stdout !== "", {
      what: `a node of ${cluster} to run`,
      deadline: Deadline.in(PHASE_TIMEOUT_MS),
      intervalMs: 100,
    });
  }

  /** Another command of the program, with this user's Docker, caches and state. */
  async command(...args: readonly string[]): Promise<Finished> {
    return runCliIn(this.cwd, args, { PLUMBLINE_HOME: undefined, DOCKER_HOST: undefined });
  }

  events(cluster: string): readonly RunEvent[] {
    return readRecord(path.join(this.cwd, `records-${cluster}`, "latest")).events;
  }

  async expectNothingLeft(cluster: string, { mark }: Program): Promise<void> {
    expect(await leftOnHost(cluster, { mark, cwd: this.cwd }), "what is left of the run").to.deep.equal([]);
    const grown = [...hostThings()].filter((thing) => !this.#before.has(thing));
    expect(grown, "what the host has that it had not before").to.deep.equal([]);
  }

  /** The record up to the end: it can be read, and calls nothing the subject's fault. */
  expectRecordKept(cluster: string): readonly RunEvent[] {
    const events = this.events(cluster);
    expect(events[0]?.type).to.equal("run-started");
    const failed = events.flatMap((event) =>
      event.type === "verdict" && ["failed", "flaky"].includes(event.status) ? [event.caseId] : [],
    );
    expect(failed, "cases that are called failed").to.deep.equal([]);
    return events;
  }
}
