import { messageOf, PlumblineError } from "../core/errors.ts";
import type { Signature } from "../plan/deviations.ts";
import { LaneWorker } from "./lane-worker.ts";
import type { FromLane, ToLane } from "./lane-protocol.ts";
import { needsOf } from "../testkit/needs.ts";
import { loadSuites } from "./load-suites.ts";

// The process of one lane. It speaks to the parent over the IPC channel alone and ends when that closes.

function tell(message: FromLane): void {
  process.send?.(message);
}

// What it may be given, and the templates of its networks, while it has nothing to do; what cannot be loaded is told when
// it is opened, or by the case.
for (const file of process.argv.slice(2)) {
  loadSuites(file)
    .then((suites) => suites.flatMap(({ cases }) => cases.map(({ definition }) => needsOf(definition))))
    .catch(() => undefined);
}

let worker: LaneWorker | undefined;
let known: readonly Signature[] = [];

async function handle(message: ToLane): Promise<void> {
  switch (message.type) {
    case "open":
      worker = await LaneWorker.open(message.testbed, message.options, {
        emit: (event) => tell({ type: "event", event }),
        known: () => known,
      });
      return tell({ type: "opened" });
    case "work":
      await worker?.work(message.suites, message.subject);
      return tell({ type: "done" });
    case "settle":
      await worker?.settle(message.until);
      return tell({ type: "settled" });
    case "know":
      known = message.known;
      return;
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
    const own = error instanceof PlumblineError ? error : undefined;
    if (!own && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    tell({
      type: "fatal",
      code: own?.code ?? "PL_INTERNAL",
      kind: own?.kind ?? "harness",
      message: messageOf(error),
      ...(own?.hint ? { hint: own.hint } : {}),
    });
  });
});
// A Ctrl-C reaches the whole group: the parent decides when a lane ends.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
process.on("disconnect", () => process.exit(0));
tell({ type: "loaded" });
