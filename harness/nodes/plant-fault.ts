import { randomUUID } from "node:crypto";
import { z } from "zod";
import { harnessError, usageError } from "../core/errors.ts";
import { CNI_BIN_DIR } from "./cni-folders.ts";
import type { CallFault, CallPart } from "./fault.ts";
import { readFaultLog, type FaultCall } from "./fault-log.ts";
import { LIST_SCRIPT, PLANT_SCRIPT, RESTORE_SCRIPT } from "./planted-script.ts";
import type { NodeTransport } from "./transport.ts";

const TIMEOUT_MS = 30_000;
export const WRAPPER_PATH = "/opt/plumbline/bin/fault";

export interface PlantOptions {
  /** How Multus is installed: `multus` as a target is the plugin itself or the daemon's shim. */
  readonly mode: "thick" | "thin";
  /** Default: /opt/cni/bin. */
  readonly binDir?: string;
  readonly wrapperPath?: string;
}

/** Faults in front of one binary of a node, until `undo`. */
export interface PlantedFaults {
  readonly node: string;
  readonly faults: readonly string[];
  /** Path of the wrapped binary. */
  readonly binary: string;
  readonly originalSha256: string;
  /** The calls that went through the wrapper so far: which faults acted, and what could not be done. */
  readonly calls: () => Promise<readonly FaultCall[]>;
  /** Puts the original back. @throws PlumblineError PL_FAULT_RESTORE if what lies there then is not the original */
  readonly undo: () => Promise<void>;
}

/** What of a fault is for one binary. */
export interface PartOfFault extends CallPart {
  /** Of the fault. */
  readonly id: string;
}

/** The parts of faults by the binary that they are for, which each need one wrapper. */
export function byBinary(
  faults: readonly CallFault[],
  options: PlantOptions,
): ReadonlyMap<string, readonly PartOfFault[]> {
  const groups = new Map<string, PartOfFault[]>();
  for (const { id, parts } of faults) {
    for (const part of parts) {
      const binary = `${options.binDir ?? CNI_BIN_DIR}/${binaryName(part, options.mode)}`;
      groups.set(binary, [...(groups.get(binary) ?? []), { ...part, id }]);
    }
  }
  return groups;
}

/**
 * Puts the wrapper with faults in front of a binary that is the target of all of them.
 * @param binary and the faults as `byBinary` gives them
 * @throws PlumblineError PL_FAULT_PLANTED if something is planted there already
 * @throws PlumblineError PL_FAULT_TARGET if binary or wrapper is not on the node
 */
export async function plantFaults(
  t: NodeTransport,
  what: { readonly binary: string; readonly faults: readonly PartOfFault[] },
  options: PlantOptions,
): Promise<PlantedFaults> {
  const { binary, faults } = what;
  const ids = [...new Set(faults.map(({ id }) => id))];
  const wrapper = options.wrapperPath ?? WRAPPER_PATH;
  const plant = randomUUID();
  await refusePlanted(t, ids, binary);
  const [originalSha256 = "", wrapperSha256 = ""] = await sha256Of(t, [binary, wrapper]);
  const planted = { plant, originalSha256, wrapperSha256, at: new Date().toISOString() };
  const specs = faults.map(({ id, verbs, when, change }) => ({ id, verbs, when, change }));
  await t.writeFile(`${binary}.plumbline-fault.json`, JSON.stringify({ faults: specs, planted }), 0o644);
  const { stdout } = await t.exec(["sh", "-c", PLANT_SCRIPT, "sh", binary, wrapper], { timeoutMs: TIMEOUT_MS });
  if (stdout.trim() === "planted") throw alreadyPlanted(t, ids, binary);
  if (stdout.trim() !== "done") throw targetError(t, ids, stdout.trim() === "missing" ? binary : wrapper);
  return {
    node: t.node,
    faults: ids,
    binary,
    originalSha256,
    calls: () => readFaultLog(t, { plant }),
    undo: () => restoreBinary(t, { binary, originalSha256, wrapperSha256 }),
  };
}

/** Which binary a target is. */
function binaryName({ target }: CallPart, mode: PlantOptions["mode"]): string {
  return target === "multus" && mode === "thick" ? "multus-shim" : target;
}

async function refusePlanted(t: NodeTransport, faults: readonly string[], binary: string): Promise<void> {
  const argv = [
    "sh",
    "-c",
    'test ! -e "$1" && test ! -e "$2"',
    "sh",
    `${binary}.plumbline-original`,
    `${binary}.plumbline-fault.json`,
  ];
  const { exitCode } = await t.exec(argv, { timeoutMs: TIMEOUT_MS, okExitCodes: [0, 1] });
  if (exitCode !== 0) throw alreadyPlanted(t, faults, binary);
}

async function sha256Of(t: NodeTransport, files: readonly string[]): Promise<readonly string[]> {
  const finished = await t.exec(["sha256sum", ...files], { timeoutMs: TIMEOUT_MS, okExitCodes: [0, 1] });
  if (finished.exitCode !== 0) {
    throw usageError("PL_FAULT_TARGET", `node ${t.node} lacks what the fault needs: ${finished.stderr.trim()}`);
  }
  return finished.stdout
    .trim()
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "");
}

export interface PlantedBinary {
  /** Path of the wrapped binary. */
  readonly binary: string;
  readonly originalSha256: string;
  readonly wrapperSha256: string;
}

/** What `plantedFaults` finds on a node. */
export interface FoundFaults extends PlantedBinary {
  readonly faults: readonly string[];
  /** When it was planted, ISO 8601. */
  readonly at: string;
}

/**
 * Takes a wrapper away. A binary that a rollout put in the wrapper's place meanwhile stays.
 * @throws PlumblineError PL_FAULT_RESTORE if the original that comes back has another hash than the one that was replaced
 */
export async function restoreBinary(t: NodeTransport, planted: PlantedBinary): Promise<void> {
  const argv = ["sh", "-c", RESTORE_SCRIPT, "sh", planted.binary, planted.wrapperSha256];
  const { stdout } = await t.exec(argv, { timeoutMs: TIMEOUT_MS });
  const [outcome, hash] = stdout.trim().split(" ");
  if (outcome === "replaced" || hash === planted.originalSha256) return;
  throw harnessError(
    "PL_FAULT_RESTORE",
    `${planted.binary} on node ${t.node} is not what it was before the fault (${outcome})`,
    {
      hint: "delete the cluster: results on it cannot be trusted",
      context: { expected: planted.originalSha256, found: hash ?? null },
    },
  );
}

const foundSchema = z.looseObject({
  faults: z.array(z.looseObject({ id: z.string() })),
  planted: z.looseObject({ originalSha256: z.string(), wrapperSha256: z.string(), at: z.string() }),
});

/** Faults that are planted on a node, by this process or another: for `gc`, with `restoreBinary`. */
export async function plantedFaults(t: NodeTransport, binDir: string = CNI_BIN_DIR): Promise<readonly FoundFaults[]> {
  const { stdout } = await t.exec(["sh", "-c", LIST_SCRIPT, "sh", binDir], { timeoutMs: TIMEOUT_MS });
  return stdout.split("\n").flatMap((line) => {
    const space = line.indexOf(" ");
    if (space < 0) return [];
    const { faults, planted } = foundSchema.parse(JSON.parse(line.slice(space + 1)));
    const { originalSha256, wrapperSha256, at } = planted;
    const ids = faults.map(({ id }) => id);
    return [{ binary: `${binDir}/${line.slice(0, space)}`, faults: ids, originalSha256, wrapperSha256, at }];
  });
}

function alreadyPlanted(t: NodeTransport, faults: readonly string[], binary: string): Error {
  return usageError(
    "PL_FAULT_PLANTED",
    `${faults.join(", ")} cannot be planted on node ${t.node}: ${binary} has a fault in front already`,
    {
      hint: "take it out first: `plumbline gc`",
    },
  );
}

function targetError(t: NodeTransport, faults: readonly string[], file: string): Error {
  return usageError("PL_FAULT_TARGET", `${faults.join(", ")} cannot be planted on node ${t.node}: there is no ${file}`);
}
