import path from "node:path";
import { Option, type Command } from "commander";
import { clusterFlags, existingRequest, type ExistingFlags } from "./existing-options.ts";
import { addTestbedOptions, multusOf, wholeNumber, type TestbedFlags } from "./testbed-options.ts";
import { EXISTING_STACK } from "../core/existing-stack.ts";
import type { RunRequest } from "../run/run-request.ts";
import { loadConfig } from "../config/load-config.ts";
import { mergeConfig, type ConfigFlags } from "../config/merge-config.ts";
import { pluginUnderTest } from "../config/plugin-under-test.ts";
import { profileOf } from "../config/profile-of.ts";
import type { Config } from "../config/schema.ts";
import type { CliContext } from "./context.ts";

/** Options that `run`, `prove` and `quickstart` share; each has its equal in plumbline.yaml. */
export function addRunOptions(
  command: Command,
  { profile = "quick; full with --layer, --feature or --grep" } = {},
): Command {
  return addTestbedOptions(command)
    .option("--profile <name>", `named set of cases (default: ${profile})`)
    .option("--case <id>", "one case, and only its pods; may be repeated", collect)
    .option("--grep <regexp>", "only cases whose id or title matches")
    .option("--layer <layer>", "only cases of this layer, L0 to L3; may be repeated", collect)
    .option("--feature <name>", "only cases that need this feature of the testbed; may be repeated", collect)
    .option("--failed <record>", "only cases that did not pass in this record, e.g. plumbline-out/latest")
    .option("--lanes <n>", "processes that run cases side by side (default: 1)", wholeNumber)
    .option("--reuse", "take a cluster that stands with the same spec, and leave it")
    .option("--keep", "leave the cluster when done")
    .addOption(new Option("--cluster <provider>", "kind, or a cluster of yours").choices(["kind", "existing"]))
    .option("--kubeconfig <file>", "existing: the file by which the cluster is reached")
    .option("--context <name>", "existing: a context of that file (default: its current one)")
    .option("--image <ref>", "existing: image of the agent, which the nodes can pull")
    .option("--master <interface>", "existing: interface of the nodes that pods may be put on")
    .option("--range <cidr>", "existing: a range that is free there; may be repeated", collect)
    .option("--allow-disruptive", "existing: restart Multus, and stand in front of plugins that are there")
    .option("--strict", "a known deviation fails the run")
    .option("--out <dir>", "folder of the records (default: plumbline-out)");
}

export interface RunFlags extends TestbedFlags, ExistingFlags {
  readonly profile?: string;
  readonly case?: readonly string[];
  readonly grep?: string;
  readonly layer?: readonly string[];
  readonly feature?: readonly string[];
  readonly failed?: string;
  readonly repeat?: number;
  readonly failFast?: boolean;
  readonly lanes?: number;
  readonly reuse?: boolean;
  readonly keep?: boolean;
  readonly strict?: boolean;
  readonly baseline?: string;
  readonly out?: string;
  readonly plugin?: string;
}

/** The request of a run: what the command line says, then plumbline.yaml, then the defaults. */
export function runRequest(context: CliContext, flags: RunFlags, command: readonly string[]): RunRequest {
  const config = mergeConfig(loadConfig(context.configPath), configFlags(flags));
  return requestOf(config, flags, { context, command });
}

/** The request of a run with a configuration that is complete. */
export function requestOf(
  config: Config,
  flags: RunFlags,
  { context, command }: { readonly context: CliContext; readonly command: readonly string[] },
): RunRequest {
  const existing = existingRequest(config, flags, context.cwd);
  return {
    stack: existing ? EXISTING_STACK : config.stack,
    existing,
    multus: multusOf(config),
    cniVersion: config.cniVersion,
    multusSettings: config.multusConfig,
    profile: profileOf(config),
    cases: config.cases,
    suites: config.suites,
    grep: config.grep,
    layers: config.layers,
    features: config.features,
    failedOf: flags.failed === undefined ? undefined : path.resolve(context.cwd, flags.failed),
    repeat: flags.repeat ?? 1,
    failFast: flags.failFast ?? false,
    lanes: config.lanes,
    workers: config.workers,
    ipFamily: config.ipFamily,
    clusterName: config.cluster.name,
    reuse: !existing && config.reuse,
    // what is not made is not kept either
    keep: !existing && (config.keep || config.reuse),
    strict: flags.strict ?? false,
    baseline: flags.baseline === undefined ? undefined : path.resolve(context.cwd, flags.baseline),
    outDir: path.resolve(context.cwd, config.out),
    images: { source: config.images.source, mirror: config.images.mirror, kubernetes: config.kubernetes },
    podReadyMs: config.timeouts.podReadyMs,
    teardownMs: config.timeouts.teardownMs,
    plugin: config.plugin && pluginUnderTest(config.plugin),
    command,
  };
}

/** What the command line says of settings that plumbline.yaml has too. */
export function configFlags(flags: RunFlags): ConfigFlags {
  const { case: cases, source, mirror, plugin, strict: _strict, ...others } = flags;
  const {
    name: _name,
    cluster: _cluster,
    kubeconfig: _kubeconfig,
    context: _context,
    image: _image,
    master: _master,
    range: _range,
    allowDisruptive: _allowDisruptive,
    layer,
    feature,
    failed: _failed,
    repeat: _repeat,
    failFast: _failFast,
    baseline: _baseline,
    ...rest
  } = others;
  return {
    ...rest,
    // what is no layer is refused by the schema, in its words
    ...(layer ? { layers: [...layer] as Config["layers"] } : {}),
    ...(feature ? { features: [...feature] } : {}),
    ...(cases ? { cases: [...cases] } : {}),
    ...clusterFlags(flags),
    ...(plugin === undefined ? {} : { plugin: { source: plugin } }),
    ...(source === undefined && mirror === undefined
      ? {}
      : { images: { ...(source === undefined ? {} : { source }), ...(mirror === undefined ? {} : { mirror }) } }),
  };
}

/** Collects an option that may be repeated. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), ...value.split(",").filter((part) => part !== "")];
}
