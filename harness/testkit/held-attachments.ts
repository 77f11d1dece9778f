import type { Invoker, PluginInvocation, Ran } from "../nodes/invoker.ts";

/**
 * What plugins were asked to attach and not seen to detach, for containers that no runtime knows. A case that fails halfway
 * leaves such behind, and the next run on the same cluster would fail for that: its containers have the same ids.
 */
export class HeldAttachments {
  readonly #held = new Map<string, PluginInvocation>();

  /** Takes note of a call that has been answered. */
  note(invocation: PluginInvocation, { exitCode, stdout }: Pick<Ran, "exitCode" | "stdout">): void {
    const { binary, env, stdin } = invocation;
    const { CNI_COMMAND: command, CNI_CONTAINERID: id, CNI_IFNAME: ifname } = env;
    if (!id || !ifname || !isObject(stdin)) return;
    const key = [binary, id, ifname].join(" ");
    if (command === "DEL" && exitCode === 0) this.#held.delete(key);
    if (command !== "ADD") return;
    const result = exitCode === 0 ? parsed(stdout) : undefined;
    // an ADD that failed may hold something, too
    this.#held.set(key, { ...invocation, stdin: { ...stdin, ...(result && { prevResult: result }) } });
  }

  /** DEL for what is held, the last first. What a plugin answers is no longer anybody's question. */
  async release(invoker: Pick<Invoker, "call">): Promise<void> {
    const held = [...this.#held.values()].toReversed();
    this.#held.clear();
    for (const { env, ...invocation } of held) {
      await invoker.call({ ...invocation, env: { ...env, CNI_COMMAND: "DEL" } });
    }
  }
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
