import { CNI_BIN_DIR } from "./cni-folders.ts";
import type { NodeTransport } from "./transport.ts";

const TIMEOUT_MS = 30_000;
const RECORDER_PROGRAM = "/opt/plumbline/bin/recorder";

/**
 * The binaries whose calls tell most of a pod's attachments: what the runtime calls, and the plugins under it that every
 * stack has. The scripted plugin writes down its own calls.
 */
export const RECORDED_BINARIES = ["multus", "multus-shim", "bridge", "macvlan", "host-local", "static"] as const;

/**
 * $1 recorder, $2 folder, then names. The real binary keeps its inode under another name, and the recorder arrives by
 * rename, so that no call ever finds a half-written file. What a rollout has put in the recorder's place since is
 * recorded from now on; a binary behind a planted fault stays as it is.
 */
const PLACE_SCRIPT = `set -eu
recorder=$1 dir=$2; shift 2
for name in "$@"; do
  b=$dir/$name
  if [ ! -f "$b" ] || [ -e "$b.plumbline-original" ] || cmp -s "$recorder" "$b"; then continue; fi
  ln -f "$b" "$b.plumbline-recorded" 2>/dev/null || cp -p "$b" "$b.plumbline-recorded"
  cp "$recorder" "$b.plumbline-new"
  chmod 0755 "$b.plumbline-new"
  mv -f "$b.plumbline-new" "$b"
  echo "$name"
done`;

/**
 * Puts the recorder in front of those of these binaries that are there and are not recorded yet.
 * @param options.also further names
 * @returns the names of those where it was put now
 * @source programs/cmd/recorder
 */
export async function placeRecorder(
  t: NodeTransport,
  options: {
    readonly binDir?: string;
    readonly program?: string;
    readonly also?: readonly string[];
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<readonly string[]> {
  const { binDir = CNI_BIN_DIR, program = RECORDER_PROGRAM, also = [], signal } = options;
  const argv = ["sh", "-c", PLACE_SCRIPT, "sh", program, binDir, ...RECORDED_BINARIES, ...also];
  const { stdout } = await t.exec(argv, { timeoutMs: TIMEOUT_MS, signal });
  return stdout.split("\n").filter((name) => name !== "");
}
