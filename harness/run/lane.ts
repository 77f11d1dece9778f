import { fork, type ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";
import path from "node:path";
import { Transform } from "node:stream";
import { harnessError, PlumblineError, type ErrorKind } from "../core/errors.ts";
import { packageFile } from "../core/package-root.ts";
import { childEnvironment } from "../process/child-environment.ts";
import { redact } from "../results/redact.ts";
import type { RunEventBody } from "../results/events.ts";
import type { SubjectPlugin } from "../config/plugin-under-test.ts";
import type { Signature } from "../plan/deviations.ts";
import type { FromLane, LaneOptions, LaneTestbed, Settled, ToLane } from "./lane-protocol.ts";
import type { SuiteWork } from "./work-items.ts";

/** Compiled as this is, or a source as this is. */
const laneMain = import.meta.url.endsWith(".ts")
  ? packageFile("harness", "run", "lane-main.ts")
  : packageFile("dist", "harness", "run", "lane-main.js");

/** See `startOutsidePeer`. */
const LANE_ENV = { TESTCONTAINERS_RYUK_DISABLED: "true" };

type Answer = FromLane["type"];
interface Waiter {
  readonly type: Answer;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface LaneProcess {
  readonly recordDir: string;
  /** Suite files that it is going to be given, to be loaded while it waits. */
  readonly files: readonly string[];
  readonly onEvent: (event: RunEventBody) => void;
}

/** One Mocha process, seen from the parent. It dies with the parent: its channel closes. */
export class Lane {
  readonly index: number;
  readonly #child: ChildProcess;
  readonly #onEvent: (event: RunEventBody) => void;
  readonly #logFile: string;
  #waiter: Waiter | undefined;
  readonly #seen = new Set<Answer>();
  #dead: PlumblineError | undefined;

  /** Starts the process at once: loading the cluster client takes most of a second, and the cluster is not up yet. */
  constructor(index: number, options: LaneProcess) {
    this.index = index;
    this.#onEvent = options.onEvent;
    this.#logFile = path.join(options.recordDir, `lane-${index}.log`);
    this.#child = fork(laneMain, [...options.files], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      serialization: "advanced",
      env: childEnvironment(LANE_ENV),
    });
    const log = createWriteStream(this.#logFile, { flags: "a" });
    log.on("error", () => undefined); // a full disk: what the lane has to tell comes over its channel
    for (const output of [this.#child.stdout, this.#child.stderr]) output?.pipe(redacted()).pipe(log, { end: false });
    this.#child.on("message", (message) => this.#receive(message as FromLane));
    this.#child.on("error", (error) => this.#die(`could not be run: ${error.message}`));
    this.#child.on("exit", (code, signal) => {
      log.end();
      this.#die(`ended by itself (${signal ?? `exit code ${code}`})`);
    });
  }

  get alive(): boolean {
    return this.#dead === undefined;
  }

  async open(testbed: LaneTestbed, options: LaneOptions): Promise<void> {
    await this.#ask({ type: "open", testbed, options }, "opened");
  }

  /** Waits until the pods of its suites are that far. @throws PlumblineError PL_LANE if the process breaks meanwhile */
  async settle(until: Settled): Promise<void> {
    if (this.alive) await this.#ask({ type: "settle", until }, "settled");
  }

  /** Runs suites; events come through `onEvent`. @throws PlumblineError PL_LANE if the process breaks meanwhile */
  async work(suites: readonly SuiteWork[], subject?: SubjectPlugin): Promise<void> {
    await this.#ask({ type: "work", suites, subject }, "done");
  }

  /** Has the lane remove what it made and end. */
  async close(): Promise<void> {
    if (!this.alive) return;
    await this.#ask({ type: "close" }, "closed");
    this.#seen.add("closed");
  }

  /** Tells it what is known of the versions that were found. */
  know(known: readonly Signature[]): void {
    if (this.alive) this.#child.send({ type: "know", known } satisfies ToLane);
  }

  /** Has it skip the cases that it has not begun. */
  stop(why: string): void {
    if (this.alive) this.#child.send({ type: "stop", why } satisfies ToLane);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #ask(message: ToLane, answer: Answer): Promise<void> {
    if (this.#dead) return Promise.reject(this.#dead);
    return new Promise((resolve, reject) => {
      this.#waiter = { type: answer, resolve, reject };
      this.#child.send(message);
    });
  }

  #receive(message: FromLane): void {
    if (message.type === "event") return this.#onEvent(message.event);
    if (message.type === "fatal") {
      const { code, message: text, hint } = message;
      const error = new PlumblineError({ code, message: text, kind: message.kind as ErrorKind, hint });
      this.#waiter?.reject(error);
      this.#waiter = undefined;
      return;
    }
    this.#seen.add(message.type);
    if (this.#waiter?.type === message.type) {
      this.#waiter.resolve();
      this.#waiter = undefined;
    }
  }

  #die(how: string): void {
    if (this.#dead) return;
    this.#dead = harnessError("PL_LANE", `lane ${this.index} ${how}; its output is in ${this.#logFile}`);
    this.#waiter?.reject(this.#dead);
    this.#waiter = undefined;
  }
}

/** Passes whole lines on without the secrets in them: the log lies in the record. */
function redacted(): Transform {
  let rest = "";
  return new Transform({
    decodeStrings: true,
    transform(chunk: Buffer, _encoding, done) {
      const text = rest + chunk.toString("utf8");
      const end = text.lastIndexOf("\n") + 1;
      rest = text.slice(end);
      done(undefined, redact(text.slice(0, end)));
    },
    flush(done) {
      done(undefined, redact(rest));
    },
  });
}
