import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { execa } from "execa";
import { harnessError } from "../core/errors.ts";
import { killProcessGroup, type RunOptions } from "./run.ts";

/** A program that answers each line on its standard input with a line, in order, until its input ends. */
export interface LineSession {
  /** @throws PlumblineError PL_SESSION (harness) if the program ends or says nothing within the bound */
  ask(line: string, timeoutMs: number): Promise<string>;
  /** Whether it is known to have ended, so that nothing can be asked any more. */
  isOver(): boolean;
  /** Ends its input and waits for its end, killing it after the bound. */
  close(timeoutMs: number): Promise<void>;
}

/** The ends of a program that is spoken to. */
export interface SessionEnds {
  /** For errors. */
  readonly what: string;
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves when the program has ended, with what it said on stderr. */
  readonly ended: Promise<string>;
  readonly kill: () => void;
}

/**
 * Starts a program of this host, in a process group of its own, to be spoken to.
 * @param options.env added to the environment of this process; `undefined` removes a name
 */
export function startLineSession(
  file: string,
  args: readonly string[],
  { env = {} }: Pick<RunOptions, "env"> = {},
): LineSession {
  const own = { reject: false, detached: true, stdin: "pipe", buffer: { stdout: false } } as const;
  const child = execa(file, [...args], { ...own, env });
  return lineSession({
    what: [file, ...args].join(" "),
    stdin: child.stdin,
    stdout: child.stdout,
    ended: child.then((result) => (typeof result.stderr === "string" ? result.stderr : "")),
    kill: () => killProcessGroup(child.pid),
  });
}

interface Waiting {
  readonly resolve: (line: string) => void;
  readonly reject: (error: Error) => void;
}

/** Speaks with a program by its ends. */
export function lineSession(ends: SessionEnds): LineSession {
  const { what, stdin, stdout, ended, kill } = ends;
  const waiting: Waiting[] = [];
  let over: Error | undefined;
  const end = (why: string): void => {
    over ??= harnessError("PL_SESSION", `\`${what}\` ${why}`);
    for (const { reject } of waiting.splice(0)) reject(over);
  };
  createInterface({ input: stdout, crlfDelay: Infinity }).on("line", (line) => waiting.shift()?.resolve(line));
  stdin.on("error", () => {}); // its end is told below
  ended.then(
    (stderr) => end(`has ended${stderr.trim() ? `: ${stderr.trim().slice(-1_000)}` : ""}`),
    (error: unknown) => end(`has ended: ${String(error)}`),
  );
  return {
    async ask(line, timeoutMs) {
      if (over) throw over;
      const answer = new Promise<string>((resolve, reject) => waiting.push({ resolve, reject }));
      // Answers come in order: one that does not come makes every later one somebody else's.
      const timer = setTimeout(() => {
        end(`gave no answer within ${timeoutMs / 1000} s`);
        kill();
      }, timeoutMs);
      stdin.write(`${line}\n`);
      return answer.finally(() => clearTimeout(timer));
    },
    isOver: () => over !== undefined,
    async close(timeoutMs) {
      stdin.end();
      const timer = setTimeout(kill, timeoutMs);
      await ended.catch(() => undefined);
      clearTimeout(timer);
    },
  };
}
