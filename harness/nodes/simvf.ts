import { z } from "zod";
import { harnessError, messageOf } from "../core/errors.ts";
import type { NodeTransport } from "./transport.ts";

/** The program that gives a node simulated VFs. */
export const SIMVF = "/opt/plumbline/bin/simvf";

/** Where it keeps what it knows; over a restart of the node, too. */
export const SIMVF_DIR = "/var/lib/plumbline/simvf";

const State = z.object({
  pf: z.string(),
  pci: z.string(),
  /** The interface that leads to the other nodes, by the name that it has now. */
  fabric: z.string().optional(),
  functions: z.array(
    z.object({
      pci: z.string(),
      vf: z.int(),
      driver: z.string(),
      /** Name and MAC at home; a VF for programs of user space has no interface. */
      interface: z.string().optional(),
      mac: z.string().optional(),
      where: z.enum(["home", "away", "lost"]).optional(),
    }),
  ),
});

/** The simulated physical function of a node, with its VFs, as they are now. */
export type SimulatedFunction = z.output<typeof State>;
export type SimulatedVf = SimulatedFunction["functions"][number];

/** What `simvf up`, `restore` and `status` print. @throws PlumblineError PL_SIMVF */
export function parseSimulatedFunction(text: string, node: string): SimulatedFunction {
  try {
    return State.parse(JSON.parse(text));
  } catch (cause) {
    throw harnessError("PL_SIMVF", `simvf on ${node} tells something else than its VFs: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** The VFs of a node. @throws PlumblineError PL_SIMVF, PL_NODE_EXEC if it has none */
export async function readSimulatedFunction(
  t: NodeTransport,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<SimulatedFunction> {
  const { stdout } = await t.exec([SIMVF, "status"], { timeoutMs: 15_000, signal: options.signal });
  return parseSimulatedFunction(stdout, t.node);
}
