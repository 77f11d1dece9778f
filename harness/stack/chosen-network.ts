import type { Deadline } from "../core/deadline.ts";
import { harnessError } from "../core/errors.ts";
import { until } from "../core/until.ts";
import { foundMultus, type ConfFile } from "./found-network.ts";
import { confFiles } from "./found-stack.ts";
import type { StackContext } from "./component.ts";
import type { Stack } from "./stack.ts";

/** The choice is made with the file that the runtime already uses: what is not there by then does not come. */
const CHOICE_MS = 30_000;

type Wanted = Pick<Stack, "clusterNetworkName" | "published">;

/**
 * Waits until Multus on every node hands pods to the default network of the stack. Multus takes the first configuration
 * that it finds, once, when it starts: another one that lay there first would be tested under a wrong name.
 * @throws DeadlineError PL_NETWORK_CHOICE with what each node's configuration says
 */
export async function requireChosen(stack: Wanted, context: StackContext, deadline: Deadline): Promise<void> {
  const { signal } = context;
  await Promise.all(
    context.nodes.map(async (node) =>
      until(async () => chosenIn(await confFiles(node, signal)), {
        what: `Multus on ${node.node} to take the default network ${wordsOf(stack)}`,
        deadline: deadline.within(CHOICE_MS),
        signal,
        intervalMs: 500,
        code: "PL_NETWORK_CHOICE",
        done: (chosen) => isWanted(stack, chosen),
      }),
    ),
  );
}

/** What the first configuration, Multus' own, delegates to. */
export interface Chosen {
  readonly name: string | undefined;
  /** File of it; undefined where Multus has taken it into its own. */
  readonly file: string | undefined;
}

/** @throws PlumblineError PL_NETWORK_CHOICE if the runtime does not use Multus at all */
export function chosenIn(files: readonly ConfFile[]): Chosen {
  const multus = foundMultus(files);
  if (!multus) {
    const names = files.map(({ name }) => name).toSorted();
    throw harnessError(
      "PL_NETWORK_CHOICE",
      `the runtime does not use Multus: there are ${names.join(", ") || "no files"}`,
    );
  }
  const { network, file } = multus;
  return { name: network?.name, file: network?.from === file ? undefined : network?.from };
}

export function isWanted({ clusterNetworkName, published }: Wanted, { name, file }: Chosen): boolean {
  return name === clusterNetworkName && (published === undefined || file === undefined || file === published.conf.file);
}

function wordsOf({ clusterNetworkName, published }: Wanted): string {
  return published ? `${clusterNetworkName} of ${published.conf.file}` : clusterNetworkName;
}
