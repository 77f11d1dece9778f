// Run by interrupt.test.ts: a command that waits, and cleans up for `argv[2]` milliseconds when it is interrupted.
import { setTimeout as delay } from "node:timers/promises";
import { createContext, endProcess } from "../../harness/cli/context.ts";
import { exitCodeOf } from "../../harness/cli/render-error.ts";

const context = createContext({});
context.print("ready");
try {
  await delay(20_000, undefined, { signal: context.signal });
} catch (error) {
  await delay(Number(process.argv[2]));
  context.print("cleaned up");
  endProcess(exitCodeOf(error));
}
