import { harnessError } from "../core/errors.ts";
import { run, type Finished } from "../process/run.ts";
import type { ExecOptions, NodeTransport } from "./transport.ts";
import { writeFileArgv } from "./write-file.ts";

// What the docker client itself says when it never got as far as the program; its exit code 1 is also a program's.
const DOCKER_FAILED =
  /^(Error response from daemon|Error: No such container|Cannot connect to the Docker daemon|error during connect)/m;
const WRITE_TIMEOUT_MS = 30_000;

/**
 * A node of kind, which is a container: `docker exec`.
 * @param node name of the container, which is the name of the node
 */
export function dockerTransport(node: string): NodeTransport {
  const exec = async (argv: readonly string[], options: ExecOptions): Promise<Finished> => {
    const interactive = options.stdin === undefined ? [] : ["-i"];
    const finished = await run("docker", ["exec", ...interactive, node, ...argv], {
      ...options,
      kind: "harness",
      code: "PL_NODE_EXEC",
      hint: `look whether node ${node} is running: docker ps`,
    });
    if (finished.exitCode !== 0 && DOCKER_FAILED.test(finished.stderr)) {
      throw harnessError("PL_NODE_EXEC", `cannot run ${argv[0]} on node ${node}: ${finished.stderr.trim()}`);
    }
    return finished;
  };
  return {
    node,
    exec,
    async writeFile(path, content, mode) {
      const { argv, stdin } = writeFileArgv(path, content, mode);
      await exec(argv, { timeoutMs: WRITE_TIMEOUT_MS, stdin });
    },
  };
}
