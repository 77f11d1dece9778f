import { messageOf } from "../core/errors.ts";

/** For all registries together. A slow one is as good as none: pulling gigabytes from it would not be quicker than building. */
const BUDGET_MS = 3_000;

const remembered = new Map<string, Promise<{ ok: boolean; reason: string }>>();

/**
 * Whether every registry answers as one, within 3 s. The answer is remembered as long as this process lives.
 * @param registries e.g. `docker.io`, `127.0.0.1:5000`
 */
export function reachRegistries(registries: readonly string[]): Promise<{ ok: boolean; reason: string }> {
  const key = registries.join(" ");
  const known = remembered.get(key);
  if (known) return known;
  const answer = Promise.all(registries.map(reach)).then((answers) => ({
    ok: answers.every((a) => a.ok),
    reason: answers.map((a) => a.reason).join("; "),
  }));
  remembered.set(key, answer);
  return answer;
}

async function reach(registry: string): Promise<{ ok: boolean; reason: string }> {
  try {
    const response = await fetch(apiAddress(registry), { signal: AbortSignal.timeout(BUDGET_MS), redirect: "manual" });
    await response.body?.cancel();
    // 401 asks for a token, which Docker will get; both are the words of a registry
    const ok = response.status === 200 || response.status === 401;
    return { ok, reason: `${registry} answers ${response.status}` };
  } catch (error) {
    return { ok: false, reason: `${registry} cannot be reached (${reasonOf(error)})` };
  }
}

/** @source the distribution specification: GET /v2/ is how a registry shows that it is one */
export function apiAddress(registry: string): string {
  const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
  const loopback = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?$/.test(host);
  return `${loopback ? "http" : "https"}://${host}/v2/`;
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && "code" in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : messageOf(error);
}
