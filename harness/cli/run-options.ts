import path from "node:path";
import { InvalidArgumentError, Option, type Command } from "commander";
import type { RunRequest } from "../run/run-request.ts";
import { loadConfig } from "../config/load-config.ts";
import { mergeConfig, type ConfigFlags } from "../config/merge-config.ts";
import type { CliContext } from "./context.ts";

/** Options that `run`, `prove` and `quickstart` share; each has its equal in plumbline.yaml. */
export function addRunOptions(command: Command): Command {
  return command
    .option("--stack <name>", "what is installed on the cluster (default: ptp-thick)")
    .option("--profile <name>", "named set of cases (default: quick)")
    .option("--case <id>", "one case, and only its pods; may be repeated", collect)
    .option("--grep <regexp>", "only cases whose id or title matches")
    .option("--lanes <n>", "processes that run cases side by side (default: 1)", whole)
    .option("--workers <n>", "worker nodes (default: 1)", whole)
    .addOption(new Option("--ip-family <family>", "addresses of the cluster").choices(["ipv4", "dual"]))
    .option("--name <name>", "name of the cluster (default: made from the stack)")
    .option("--reuse", "take a cluster that stands with the same spec, and leave it")
    .option("--keep", "leave the cluster when done")
    .option("--strict", "a known deviation fails the run")
    .option("--out <dir>", "folder of the records (default: plumbline-out)")
    .addOption(
      new Option("--source <source>", "where images come from").choices(["auto", "registry", "mirror", "build"]),
    )
    .option("--mirror <prefix>", "registry and path that stand in for the upstream registries");
}

export interface RunFlags {
  readonly stack?: string;
  readonly profile?: string;
  readonly case?: readonly string[];
  readonly grep?: string;
  readonly lanes?: number;
  readonly workers?: number;
  readonly ipFamily?: "ipv4" | "dual";
  readonly name?: string;
  readonly reuse?: boolean;
  readonly keep?: boolean;
  readonly strict?: boolean;
  readonly out?: string;
  readonly source?: "auto" | "registry" | "mirror" | "build";
  readonly mirror?: string;
}

/** The request of a run: what the command line says, then plumbline.yaml, then the defaults. */
export function runRequest(context: CliContext, flags: RunFlags, command: readonly string[]): RunRequest {
  const config = mergeConfig(loadConfig(context.configPath), configFlags(flags));
  return {
    stack: config.stack,
    profile: config.profile,
    cases: config.cases,
    grep: config.grep,
    lanes: config.lanes,
    workers: config.workers,
    ipFamily: config.ipFamily,
    clusterName: config.cluster.name,
    reuse: config.reuse,
    keep: config.keep || config.reuse,
    strict: flags.strict ?? false,
    outDir: path.resolve(context.cwd, config.out),
    images: { source: config.images.source, mirror: config.images.mirror },
    podReadyMs: config.timeouts.podReadyMs,
    teardownMs: config.timeouts.teardownMs,
    command,
  };
}

function configFlags(flags: RunFlags): ConfigFlags {
  const { case: cases, name, source, mirror, strict: _strict, ...rest } = flags;
  return {
    ...rest,
    ...(cases ? { cases: [...cases] } : {}),
    ...(name === undefined ? {} : { cluster: { name } }),
    ...(source === undefined && mirror === undefined
      ? {}
      : { images: { ...(source === undefined ? {} : { source }), ...(mirror === undefined ? {} : { mirror }) } }),
  };
}

/** Collects an option that may be repeated. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), ...value.split(",").filter((part) => part !== "")];
}

function whole(value: string): number {
  const n = Number(value);
  if (!Number.isInteger(n) || n < 0) throw new InvalidArgumentError("it must be a whole number.");
  return n;
}
