import type { NodeTransport } from "../nodes/transport.ts";

const TIMEOUT_MS = 15_000;

/** The one that containerd is told to use for pods, which its shim calls; runc, where it is told nothing. */
const ASK = String.raw`
name=$(sed -n 's/^ *BinaryName *= *"\(.*\)"$/\1/p' /etc/containerd/config.toml 2>/dev/null | head -n 1)
name=$(printf %s "$name" | grep . || echo runc)
path=$(command -v "$name") || exit 0
"$path" --version | head -n 1
sha256sum "$path"
`;

/** What starts containers on a node. */
export interface OciRuntime {
  readonly name: string;
  /** As it tells it itself. */
  readonly version: string;
  /** `sha256:...` */
  readonly digest: string;
}

/** @returns undefined where none is found, or it says nothing of itself */
export async function ociRuntime(
  node: NodeTransport | undefined,
  signal: AbortSignal | undefined,
): Promise<OciRuntime | undefined> {
  const said = await node?.exec(["sh", "-c", ASK], { timeoutMs: TIMEOUT_MS, signal, okExitCodes: "any" });
  return parseRuntime(said?.stdout ?? "");
}

/** @param text first line of `--version`, then a line of sha256sum */
export function parseRuntime(text: string): OciRuntime | undefined {
  const [, name, version] = /^(\S+) version (\S+)/.exec(text) ?? [];
  const [, digest] = /^([0-9a-f]{64})\s/m.exec(text) ?? [];
  if (name === undefined || version === undefined || digest === undefined) return undefined;
  return { name, version, digest: `sha256:${digest}` };
}
