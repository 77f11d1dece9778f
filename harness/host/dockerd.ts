import { readFile } from "node:fs/promises";
import path from "node:path";
import { Deadline } from "../core/deadline.ts";
import type { Phase } from "../core/ports.ts";
import { homeDir } from "../core/state-dir.ts";
import { until } from "../core/until.ts";
import { run } from "../process/run.ts";
import { startDetached } from "../process/start-detached.ts";
import { hostLacksCapabilities } from "./capabilities.ts";
import {
  buildRuntimeWrapper,
  RESTRICTED_RUNTIME,
  runtimeWrapperCommand,
  runtimeWrapperPath,
} from "./runtime-wrapper.ts";

/** Files of a dockerd that we started ourselves. */
export function dockerdFiles(): { readonly log: string; readonly pid: string } {
  const dir = homeDir("state", "dockerd");
  return { log: path.join(dir, "dockerd.log"), pid: path.join(dir, "dockerd.pid") };
}

/** Whether systemd runs this host, and so should run dockerd. */
export async function systemdRuns(): Promise<boolean> {
  const name = await readFile("/proc/1/comm", "utf8").catch(() => "");
  return name.trim() === "systemd";
}

/**
 * The daemon's answer, with the API version negotiated by the client.
 * @returns undefined if no daemon answers
 */
export async function dockerVersion(signal?: AbortSignal): Promise<{ client: string; server: string } | undefined> {
  const answer = await run("docker", ["version", "--format", "{{.Client.Version}} {{.Server.Version}}"], {
    timeoutMs: 10_000,
    okExitCodes: "any",
    signal,
  }).catch(() => undefined);
  const [client, server] = answer?.exitCode === 0 ? answer.stdout.trim().split(" ") : [];
  return client && server ? { client, server } : undefined;
}

/**
 * Starts dockerd: by systemd where that is process 1, else by itself, outliving this process.
 * Where the host withholds capabilities, ours is started with a runtime that does not ask for them.
 * @throws PlumblineError PL_DOCKERD with the end of its log if it does not answer within 60 s
 */
export async function startDockerd(phase: Phase, signal?: AbortSignal): Promise<void> {
  if (await systemdRuns()) {
    phase.update("systemctl enable --now docker");
    await run("systemctl", ["enable", "--now", "docker"], { timeoutMs: 120_000, signal, code: "PL_DOCKERD" });
  } else {
    const args = await dockerdArguments(phase, signal);
    const files = dockerdFiles();
    phase.update(`dockerd ${args.join(" ")}`);
    await startDetached("dockerd", args, { logFile: files.log, pidFile: files.pid });
  }
  await until(() => dockerVersion(signal), {
    what: "dockerd to answer",
    deadline: Deadline.in(60_000),
    signal,
    code: "PL_DOCKERD",
    kind: "host",
    hint: `read the end of its log: tail -n 30 ${dockerdFiles().log} (or journalctl -u docker)`,
  });
}

/** Commands that start dockerd as `startDockerd` would. */
export async function dockerdRemedy(): Promise<string[]> {
  if (await systemdRuns()) return ["systemctl enable --now docker"];
  const lacks = await hostLacksCapabilities();
  const args = lacks.length === 0 ? [] : runtimeArguments(runtimeWrapperPath());
  const start = `nohup ${["dockerd", ...args].join(" ")} >> ${dockerdFiles().log} 2>&1 &`;
  return lacks.length === 0 ? [start] : [runtimeWrapperCommand(), start];
}

async function dockerdArguments(phase: Phase, signal: AbortSignal | undefined): Promise<string[]> {
  const lacks = await hostLacksCapabilities();
  if (lacks.length === 0) return [];
  phase.update(`building a runtime that does without ${lacks.join(", ")}`);
  const wrapper = await buildRuntimeWrapper(signal);
  return runtimeArguments(wrapper);
}

function runtimeArguments(wrapper: string): string[] {
  return ["--add-runtime", `${RESTRICTED_RUNTIME}=${wrapper}`, "--default-runtime", RESTRICTED_RUNTIME];
}
