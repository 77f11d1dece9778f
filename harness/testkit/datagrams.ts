import { readFileSync } from "node:fs";
import { packageFile } from "../core/package-root.ts";
import type { CaseNode } from "./case-node.ts";

/** Nothing else on nodes uses it. */
const PORT = 7799;
const ROUNDS = 6;
const ROUND_MS = 60_000;

/** The namespace of the node itself, as the script calls it. */
const OWN = "-";

/** One end: an interface in a network namespace, on a node or on a peer outside. */
export interface End {
  readonly on: CaseNode;
  /** Path of a network namespace there. Default: that of the node itself. */
  readonly netns?: string;
  readonly device: string;
  /** Without prefix length. */
  readonly address: string;
}

/** One thing that is sent, by the interface of `from`, and listened for in the namespace of `to`. */
export interface Sending {
  readonly from: End;
  readonly to: End;
  /** A word that no other sending of the exchange has. */
  readonly text: string;
  /** Whether it must arrive. What must not is sent as often as the rest. */
  readonly expected: boolean;
}

interface Script {
  readonly args: readonly string[];
  readonly lines: readonly string[];
}

/**
 * Sends datagrams again and again, until all that are expected have arrived or a bound is reached, and tells which did.
 * Each counts only as read by the listener of its own end: an answer proves nothing of the way there. What must not arrive
 * goes first, to listeners that are there, and has arrived or has not when the rest is looked for.
 * @param dir where listeners write on nodes; removed at the end
 */
export async function exchangeDatagrams(sendings: readonly Sending[], dir: string): Promise<ReadonlySet<string>> {
  const inOrder = [...sendings.filter(({ expected }) => !expected), ...sendings.filter(({ expected }) => expected)];
  const nodes = [...new Set(sendings.flatMap(({ from, to }) => [from.on, to.on]))];
  const listeners = listenersOf(sendings, nodes);
  const heard = new Set<string>();
  try {
    await each(nodes, (node) => ({ args: ["listen", String(PORT), dir], lines: listeners.get(node) ?? [] }));
    for (let round = 0; round < ROUNDS; round++) {
      const due = inOrder.filter(({ text, expected }) => !(expected && heard.has(text)));
      await each(nodes, (node) => ({
        args: ["send", String(PORT)],
        lines: due.filter(({ from }) => from.on === node).map(lineOf),
      }));
      for (const node of nodes) for (const text of await heardOn(node, { dir, sendings })) heard.add(text);
      if (sendings.every(({ text, expected }) => !expected || heard.has(text))) break;
    }
  } finally {
    await each(nodes, () => ({ args: ["stop", dir], lines: [] }));
  }
  return heard;
}

/** A line for each namespace that somebody sends to; its name is the place that `nameOf` gives it. */
function listenersOf(sendings: readonly Sending[], nodes: readonly CaseNode[]): ReadonlyMap<CaseNode, string[]> {
  return new Map(
    nodes.map((node) => {
      const here = sendings.filter(({ to }) => to.on === node).map(({ to }) => to.netns ?? OWN);
      return [node, [...new Set(here)].map((netns) => `${netns} ${nameOf(netns)}`)];
    }),
  );
}

function nameOf(netns: string): string {
  return netns === OWN ? "own" : netns.replaceAll("/", "_");
}

function lineOf({ from, to, text }: Sending): string {
  return `${from.netns ?? OWN} ${from.device} ${to.address} ${text}`;
}

/** What arrived on a node at the end that it was meant for. */
async function heardOn(
  node: CaseNode,
  { dir, sendings }: { readonly dir: string; readonly sendings: readonly Sending[] },
): Promise<readonly string[]> {
  const { stdout } = await inScript(node, { args: ["heard", String(PORT), dir], lines: [] });
  const lines = new Set(stdout.split("\n"));
  return sendings
    .filter(({ to, text }) => to.on === node && lines.has(`${nameOf(to.netns ?? OWN)}:${text}`))
    .map(({ text }) => text);
}

async function each(nodes: readonly CaseNode[], scriptOf: (node: CaseNode) => Script): Promise<void> {
  await Promise.all(nodes.map(async (node) => inScript(node, scriptOf(node))));
}

async function inScript(node: CaseNode, { args, lines }: Script) {
  const script = readFileSync(packageFile("fixtures", "scripts", "datagrams.sh"), "utf8");
  const stdin = lines.map((line) => `${line}\n`).join("");
  const said = await node.exec(["sh", "-c", script, "datagrams", ...args], { stdin, timeoutMs: ROUND_MS });
  if (said.exitCode !== 0) throw new Error(`datagrams ${args[0]} on ${node.name} failed: ${said.stderr}`);
  return said;
}
