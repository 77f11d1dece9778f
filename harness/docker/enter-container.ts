import { existsSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { json } from "node:stream/consumers";
import { z } from "zod";

/** util-linux puts it into either, on every distribution. */
const NSENTER = ["/usr/bin/nsenter", "/bin/nsenter"];
const ASK_TIMEOUT_MS = 5_000;

const Inspected = z.object({
  Id: z.string(),
  State: z.object({ Running: z.boolean(), Pid: z.int() }),
  Config: z.object({ Env: z.array(z.string()).nullish() }),
  HostConfig: z.object({ Privileged: z.boolean() }),
});
export type Inspected = z.infer<typeof Inspected>;

/** What starts a program in a container from outside: `file` with `args`, then the program's own words. */
export interface ContainerEntry {
  readonly file: string;
  readonly args: readonly string[];
  /** All that the program finds in its environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** What Docker said of containers, by name: it holds as long as their first process is there. */
const seen = new Map<string, Inspected>();

/**
 * The way into a container by its namespaces, which takes a hundredth of a second where `docker exec` takes more than a
 * tenth. For privileged containers alone, whose programs have all that those of root have, and where Docker's processes
 * are those of this host. One that was found stays known, so that a run goes on where Docker goes away and its containers do
 * not.
 * @param socketPath of Docker; undefined where it is not on this host
 * @returns undefined where that is not so, or Docker does not say: then `docker exec` is the way, and tells what is wrong
 * @source nsenter(1); Docker Engine API v1.41, ContainerInspect
 */
export async function containerEntry(
  socketPath: string | undefined,
  container: string,
  proc = "/proc",
): Promise<ContainerEntry | undefined> {
  const file = NSENTER.find((at) => existsSync(at));
  if (process.getuid?.() !== 0 || file === undefined) return undefined;
  const known = seen.get(container);
  const found = known && isEnterable(known, proc) ? known : await inspect(socketPath, container);
  if (!found || !isEnterable(found, proc)) return undefined;
  seen.set(container, found);
  const pid = String(found.State.Pid);
  const namespaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"];
  return { file, args: ["--target", pid, ...namespaces, "--"], env: environmentOf(found) };
}

/** Whether the process that Docker names is, on this host, the first one of that container. */
export function isEnterable({ Id, State, HostConfig }: Inspected, proc = "/proc"): boolean {
  if (!State.Running || !HostConfig.Privileged) return false;
  const own = (file: string): string => readFileSync(`${proc}/${State.Pid}/${file}`, "utf8");
  try {
    // Docker may count processes otherwise than this process does: in a machine or a container of its own
    return own("cgroup").includes(Id) && /^NSpid:.*\s1$/m.test(own("status"));
  } catch {
    return false;
  }
}

/** As `docker exec` gives it. @source moby daemon/exec.go */
function environmentOf({ Config }: Inspected): Readonly<Record<string, string>> {
  const own = (Config.Env ?? []).map((line): [string, string] => {
    const at = line.indexOf("=");
    return [line.slice(0, at), line.slice(at + 1)];
  });
  return {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: "/root",
    ...Object.fromEntries(own),
  };
}

/** Without Docker's own client, which takes a third of a second to load. */
async function inspect(socketPath: string | undefined, container: string): Promise<Inspected | undefined> {
  if (socketPath === undefined) return undefined;
  const signal = AbortSignal.timeout(ASK_TIMEOUT_MS);
  return new Promise((resolve) => {
    const path = `/containers/${encodeURIComponent(container)}/json`;
    // `docker exec`, which is used then, tells what is wrong
    const unanswered = (): void => resolve(undefined);
    const asked = request({ socketPath, path, signal }, (answer) => {
      json(answer)
        .then((body) => resolve(Inspected.parse(body)))
        .catch(unanswered);
    });
    asked.on("error", unanswered);
    asked.end();
  });
}
