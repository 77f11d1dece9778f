import { z } from "zod";
import { CNI_BIN_DIR } from "./cni-folders.ts";
import type { NodeTransport } from "./transport.ts";

/** Where the scripted plugin writes its calls. @source programs/cmd/rec */
const SCRIPTED_LOG = "/var/log/plumbline-rec.jsonl";
/** Where the recorder writes those of the binaries that it stands in front of, a file a container. @source programs/cmd/recorder */
const RECORDER_DIR = "/var/log/plumbline-calls";
const TIMEOUT_MS = 30_000;

const SCRIPTED_PROGRAM = "/opt/plumbline/bin/rec";

/** The scripted plugin's type in CNI configurations. It is no name that a plugin of somebody else has. */
export const SCRIPTED_PLUGIN = "plumbline-rec";

/** By a rename, and only if it is not there: calls of it may be under way. */
const PLACE_SCRIPT = `
cmp -s "$1" "$2" && exit 0
install -D -m 0755 "$1" "$2.plumbline-new"
mv -f "$2.plumbline-new" "$2"`;

/** Puts the scripted plugin where runtimes look for plugins. */
export async function placeScriptedPlugin(t: NodeTransport): Promise<void> {
  const target = `${CNI_BIN_DIR}/${SCRIPTED_PLUGIN}`;
  await t.exec(["sh", "-euc", PLACE_SCRIPT, "sh", SCRIPTED_PROGRAM, target], { timeoutMs: TIMEOUT_MS });
}

const json = z.record(z.string(), z.unknown());
const callSchema = z.object({
  program: z.string(),
  command: z.string(),
  containerId: z.string(),
  ifname: z.string(),
  netns: z.string(),
  args: z
    .record(z.string(), z.string())
    .nullable()
    .transform((args) => args ?? {}),
  env: z
    .record(z.string(), z.string())
    .nullable()
    .transform((env) => env ?? {}),
  network: z.string(),
  /** What the plugin was given; text where it was no JSON object. */
  stdin: z.union([json, z.unknown()]),
  stdout: z.string(),
  stderr: z.string(),
  exitCode: z.int(),
  startedAt: z.string(),
  endedAt: z.string(),
  startNs: z.number(),
  endNs: z.number(),
});

/** One call of a CNI plugin, as it was seen at the plugin. Times of one node can be compared. */
export type PluginCall = z.output<typeof callSchema>;

/**
 * Calls of the scripted plugin, oldest first.
 * @param text only those whose line holds it; a name, say, that nothing else has
 */
export async function readPluginCalls(t: NodeTransport, text: string): Promise<readonly PluginCall[]> {
  return callsIn(t, [text], [SCRIPTED_LOG]);
}

/** Calls of the scripted plugin and of every binary behind the recorder, for any of these container ids, oldest first. */
export async function readCallsOf(t: NodeTransport, containerIds: readonly string[]): Promise<readonly PluginCall[]> {
  if (containerIds.length === 0) return [];
  const recorded = containerIds.map((id) => `${RECORDER_DIR}/${id}.jsonl`);
  return callsIn(t, containerIds, [SCRIPTED_LOG, ...recorded]);
}

/** Removes what was written so far: names of networks and of containers are those of the last run, where a node stays. */
export async function forgetCalls(t: NodeTransport): Promise<void> {
  const script = 'rm -f "$1"; [ ! -d "$2" ] || find "$2" -name "*.jsonl" -delete';
  await t.exec(["sh", "-euc", script, "sh", SCRIPTED_LOG, RECORDER_DIR], { timeoutMs: TIMEOUT_MS });
}

/** How many calls of a binary behind the recorder have ended so far; 0 if it is not recorded. */
export async function countCallsOf(t: NodeTransport, program: string): Promise<number> {
  const script = 'find "$1" -name "*.jsonl" -exec grep -hF "\\"program\\":\\"$2\\"" {} + | wc -l';
  const { stdout } = await t.exec(["sh", "-c", script, "sh", RECORDER_DIR, program], { timeoutMs: TIMEOUT_MS });
  return Number(stdout.trim());
}

/** @param texts the lines hold one of them */
async function callsIn(
  t: NodeTransport,
  texts: readonly string[],
  files: readonly string[],
): Promise<readonly PluginCall[]> {
  const argv = ["grep", "-hsF", ...texts.flatMap((text) => ["-e", text]), ...files];
  // grep: 1 for no line, 2 for a file that is not there
  const { stdout } = await t.exec(argv, { timeoutMs: TIMEOUT_MS, okExitCodes: [0, 1, 2] });
  return parsePluginCalls(stdout);
}

/** Reads lines of a log. A line that is not whole, as the last one of a call under way, is left out. */
export function parsePluginCalls(text: string): readonly PluginCall[] {
  return text
    .split("\n")
    .flatMap((line) => {
      try {
        const parsed = callSchema.safeParse(JSON.parse(line));
        return parsed.success ? [parsed.data] : [];
      } catch {
        return [];
      }
    })
    .toSorted((a, b) => a.startNs - b.startNs);
}
