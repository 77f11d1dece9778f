import { z } from "zod";
import { harnessError } from "../core/errors.ts";
import type { NodeTransport } from "./transport.ts";

const LOG_PATH = "/var/log/plumbline-fault.jsonl";

const callSchema = z.looseObject({
  time: z.string(),
  /** The fault that the call was for; empty if for none. */
  fault: z.string(),
  /** Which planting: the same fault may be planted again. */
  plant: z.string(),
  binary: z.string(),
  command: z.string(),
  containerId: z.string(),
  ifname: z.string(),
  network: z.string(),
  /** `namespace/name` */
  pod: z.string().optional(),
  matched: z.boolean(),
  /** The condition that did not hold, if it did not match. */
  why: z.string().optional(),
  changes: z.array(z.string()),
  /** What the wrapper should have done and could not. */
  problems: z.array(z.string()),
  commands: z.array(z.looseObject({ argv: z.array(z.string()), exitCode: z.number(), output: z.string() })).optional(),
  exitCode: z.number(),
});

/** One call that went through a wrapper, as the wrapper logged it. */
export type FaultCall = z.output<typeof callSchema>;

/** The calls through one planting. @throws PlumblineError PL_FAULT_LOG if a line is not the wrapper's */
export async function readFaultLog(
  t: NodeTransport,
  { plant }: { readonly plant: string },
): Promise<readonly FaultCall[]> {
  // grep says 1 for no line and 2 for no file: either way the wrapper was not called
  const argv = ["grep", "-F", `"plant":"${plant}"`, LOG_PATH];
  const { stdout } = await t.exec(argv, { timeoutMs: 30_000, okExitCodes: [0, 1, 2] });
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => parseCall(t, line));
}

function parseCall(t: NodeTransport, line: string): FaultCall {
  try {
    return callSchema.parse(JSON.parse(line));
  } catch (error) {
    throw harnessError(
      "PL_FAULT_LOG",
      `a line of ${LOG_PATH} on node ${t.node} cannot be read: ${line.slice(0, 200)}`,
      {
        cause: error,
      },
    );
  }
}
