import { hostname } from "node:os";
import { startLineSession } from "../process/line-session.ts";
import { run, type Finished } from "../process/run.ts";
import type { ExecOptions, NodeTransport } from "./transport.ts";
import { writeFileArgv } from "./write-file.ts";

/**
 * The host itself as a node.
 * @param options.prefix put before every command, e.g. `["nsenter", "--net=/path"]` for a scratch network namespace
 */
export function localTransport(
  options: { readonly node?: string; readonly prefix?: readonly string[] } = {},
): NodeTransport {
  const exec = (argv: readonly string[], execOptions: ExecOptions): Promise<Finished> => {
    const [file = "true", ...args] = [...(options.prefix ?? []), ...argv];
    return run(file, args, { ...execOptions, kind: "harness", code: "PL_NODE_EXEC" });
  };
  return {
    node: options.node ?? hostname(),
    exec,
    open: async (argv) => {
      const [file = "true", ...args] = [...(options.prefix ?? []), ...argv];
      return startLineSession(file, args);
    },
    async writeFile(path, content, mode) {
      const { argv, stdin } = writeFileArgv(path, content, mode);
      await exec(argv, { timeoutMs: 30_000, stdin });
    },
  };
}
