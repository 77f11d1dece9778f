import { InvalidArgumentError, Option, type Command } from "commander";
import { parseMultusSource, type MultusSource } from "../config/multus-source.ts";
import { CNI_VERSIONS } from "../config/network-templates.ts";
import type { Config } from "../config/schema.ts";

/** What the command line may say of a testbed; each has its equal in plumbline.yaml. */
export interface TestbedFlags {
  readonly stack?: string;
  readonly kubernetes?: string;
  readonly multus?: string;
  readonly cniVersion?: Config["cniVersion"];
  readonly name?: string;
  readonly workers?: number;
  readonly ipFamily?: Config["ipFamily"];
  readonly source?: Config["images"]["source"];
  readonly mirror?: string;
}

/** The option by which another release of Kubernetes is asked for. */
export const KUBERNETES = ["--kubernetes <release>", "another release of Kubernetes, such as v1.33.13"] as const;

/** Options of every command that brings up a testbed. */
export function addTestbedOptions(command: Command): Command {
  return command
    .option("--stack <name>", "what is installed on the cluster (default: ptp-thick)")
    .option(...KUBERNETES)
    .option(
      "--multus <source>",
      "another Multus: a version, a checkout (./multus-cni), go:MODULE@VERSION, or image:REF",
    )
    .addOption(
      new Option("--cni-version <version>", "of the default network's and Multus' configuration").choices(CNI_VERSIONS),
    )
    .option("--name <name>", "name of the cluster (default: made from the stack)")
    .option("--workers <n>", "worker nodes (default: 1)", wholeNumber)
    .addOption(new Option("--ip-family <family>", "addresses of the cluster (default: ipv4)").choices(["ipv4", "dual"]))
    .addOption(
      new Option("--source <source>", "where images come from (default: auto)").choices([
        "auto",
        "registry",
        "mirror",
        "build",
      ]),
    )
    .option("--mirror <prefix>", "registry and path that stand in for the upstream registries");
}

/** Parses the value of an option. */
export function atLeastOne(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError("It must be 1 or more.");
  return value;
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError("It must be a whole number.");
  return value;
}

/** The Multus that a configuration names in place of the stack's; the schema has read it. */
export function multusOf({ multus }: Pick<Config, "multus">): MultusSource | undefined {
  const parsed = multus === undefined ? undefined : parseMultusSource(multus);
  return parsed && "source" in parsed ? parsed.source : undefined;
}
