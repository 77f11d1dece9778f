import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { Deadline } from "../../harness/core/deadline.ts";
import { until } from "../../harness/core/until.ts";
import { packageFile } from "../../harness/core/package-root.ts";

/** In the environment of the program and of all that it starts, so that what is left of it is told from others' processes. */
export const MARK = "PLUMBLINE_TEST_MARK";

/** As it is shipped: cases run from compiled suites. */
const PROGRAM = packageFile("dist", "harness", "cli", "main.js");

/** The program at work, with its plain lines. */
export class Program {
  readonly mark: string;
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #output = "";
  #endedAtMs: number | undefined;

  private constructor(child: ChildProcess, mark: string) {
    this.#child = child;
    this.mark = mark;
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
    this.#closed = once(child, "exit").then(() => (this.#endedAtMs = performance.now()));
  }

  /**
   * @param cwd where it runs, with a folder `tmp` for temporary files; its caches and state are those of this user, since
   * images are needed
   */
  static start(
    args: readonly string[],
    { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
  ): Program {
    const mark = randomUUID();
    const tmp = path.join(cwd, "tmp");
    mkdirSync(tmp, { recursive: true });
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, CI: "true", GITHUB_STEP_SUMMARY: undefined, TMPDIR: tmp, [MARK]: mark, ...env },
    });
    return new Program(child, mark);
  }

  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** Waits for a line that tells of a phase. @throws DeadlineError with the end of what was printed */
  async sees(line: RegExp, timeoutMs: number): Promise<void> {
    await until(() => line.test(this.#output) || this.#endedAtMs !== undefined, {
      what: `a line like ${line}`,
      deadline: Deadline.in(timeoutMs),
      intervalMs: 20,
    });
    if (!line.test(this.#output)) throw new Error(`the program ended before a line like ${line}:\n${this.#output}`);
  }

  /** Sends a signal and waits for the end. @returns milliseconds until then */
  async end(signal: NodeJS.Signals, timeoutMs: number): Promise<number> {
    const began = performance.now();
    this.#child.kill(signal);
    await this.ended(timeoutMs);
    return (this.#endedAtMs ?? Number.NaN) - began;
  }

  async ended(timeoutMs: number): Promise<void> {
    await until(() => this.#endedAtMs !== undefined, {
      what: `the program to end`,
      deadline: Deadline.in(timeoutMs),
      intervalMs: 20,
      describe: () => this.#output.slice(-2_000),
    });
    await this.#closed;
  }
}
