import { messageOf, PlumblineError } from "../core/errors.ts";
import { LaneWorker } from "./lane-worker.ts";
import type { FromLane, ToLane } from "./lane-protocol.ts";

// The process of one lane. It speaks to the parent over the IPC channel alone and ends when that closes.

function tell(message: FromLane): void {
  process.send?.(message);
}

let worker: LaneWorker | undefined;

async function handle(message: ToLane): Promise<void> {
  switch (message.type) {
    case "open":
      worker = await LaneWorker.open(message.testbed, message.options, (event) => tell({ type: "event", event }));
      return tell({ type: "opened" });
    case "work":
      await worker?.work(message.suites, message.subject);
      return tell({ type: "done" });
    case "settle":
      await worker?.settle(message.until);
      return tell({ type: "settled" });
    case "stop":
      return worker?.stop(message.why);
    case "close":
      await worker?.close();
      tell({ type: "closed" });
      return process.disconnect();
  }
}

process.on("message", (message) => {
  handle(message as ToLane).catch((error: unknown) => {
    const known = error instanceof PlumblineError ? error : undefined;
    if (!known && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    tell({
      type: "fatal",
      code: known?.code ?? "PL_INTERNAL",
      kind: known?.kind ?? "harness",
      message: messageOf(error),
      ...(known?.hint ? { hint: known.hint } : {}),
    });
  });
});
// A Ctrl-C reaches the whole group: the parent decides when a lane ends.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
process.on("disconnect", () => process.exit(0));
tell({ type: "loaded" });
