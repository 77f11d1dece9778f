import { dockerSocket } from "../docker/docker-socket.ts";
import { execByEngine, openByEngine, openEngine } from "../docker/engine-exec.ts";
import { containerEntry } from "../docker/enter-container.ts";
import { harnessError } from "../core/errors.ts";
import { onlyEnvironment } from "../process/child-environment.ts";
import { startLineSession } from "../process/line-session.ts";
import { run, type Finished } from "../process/run.ts";
import type { ExecOptions, NodeTransport } from "./transport.ts";
import { writeFileArgv } from "./write-file.ts";

// What the docker client itself says when it never got as far as the program; its exit code 1 is also a program's.
const DOCKER_FAILED =
  /^(Error response from daemon|Error: No such container|Cannot connect to the Docker daemon|error during connect)/m;
const WRITE_TIMEOUT_MS = 30_000;

/** Loads what the first `exec` would load, a third of a second, while something else takes its time. */
export async function preloadDockerTransport(): Promise<void> {
  const path = await dockerSocket();
  if (path !== undefined) await openEngine(path);
}

/**
 * A node of kind, which is a container: by its namespaces where that can be, else by `docker exec`, over Docker's own API
 * where its socket is on this host.
 * @param node name of the container, which is the name of the node
 */
export function dockerTransport(node: string): NodeTransport {
  const exec = async (argv: readonly string[], options: ExecOptions): Promise<Finished> => {
    const socketPath = await dockerSocket();
    const blame = {
      kind: "harness",
      code: "PL_NODE_EXEC",
      hint: `look whether node ${node} is running: docker ps`,
    } as const;
    if (socketPath === undefined) return execByClient(node, argv, { ...options, ...blame });
    const entry = await containerEntry(socketPath, node);
    if (entry)
      return run(entry.file, [...entry.args, ...argv], { ...options, ...blame, env: onlyEnvironment(entry.env) });
    if (socketPath === undefined) return execByClient(node, argv, { ...options, ...blame });
    return execByEngine({ socketPath, container: node }, argv, { ...options, ...blame });
  };
  return {
    node,
    exec,
    async open(argv) {
      const socketPath = await dockerSocket();
      const entry = await containerEntry(socketPath, node);
      if (entry) return startLineSession(entry.file, [...entry.args, ...argv], { env: onlyEnvironment(entry.env) });
      if (socketPath === undefined) return startLineSession("docker", ["exec", "-i", node, ...argv]);
      return openByEngine({ socketPath, container: node }, argv);
    },
    async writeFile(path, content, mode) {
      const { argv, stdin } = writeFileArgv(path, content, mode);
      await exec(argv, { timeoutMs: WRITE_TIMEOUT_MS, stdin });
    },
  };
}

async function execByClient(
  node: string,
  argv: readonly string[],
  options: ExecOptions & { readonly kind: "harness"; readonly code: string; readonly hint: string },
): Promise<Finished> {
  const interactive = options.stdin === undefined ? [] : ["-i"];
  const finished = await run("docker", ["exec", ...interactive, node, ...argv], options);
  if (finished.exitCode !== 0 && DOCKER_FAILED.test(finished.stderr)) {
    throw harnessError("PL_NODE_EXEC", `cannot run ${argv[0]} on node ${node}: ${finished.stderr.trim()}`);
  }
  return finished;
}
