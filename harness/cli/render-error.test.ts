import { expect } from "chai";
import { DeadlineError, harnessError, hostError, PlumblineError, subjectError, usageError } from "../core/errors.ts";
import { Interrupted } from "./context.ts";
import { createPaint } from "./paint.ts";
import { errorAsJson, exitCodeOf, renderError } from "./render-error.ts";

const view = { verbose: false, paint: createPaint(false), columns: 80 };

describe("exitCodeOf", () => {
  const abort = new Error("The operation was aborted", { cause: new Interrupted("SIGINT") });
  for (const [title, thrown, code] of [
    ["a usage error", usageError("PL_X", "x"), 2],
    ["a host error", hostError("PL_X", "x"), 3],
    ["a harness error", harnessError("PL_X", "x"), 3],
    ["a failure of the subject", subjectError("PL_X", "x"), 1],
    ["a failed clean-up", new PlumblineError({ code: "PL_CLEANUP", kind: "harness", message: "x" }), 5],
    ["a mistake of ours", new TypeError("x"), 3],
    ["something that is no error", "x", 3],
    ["Ctrl-C", new Interrupted("SIGINT"), 130],
    ["SIGTERM behind another error", harnessError("PL_X", "x", { cause: new Interrupted("SIGTERM") }), 143],
    ["Ctrl-C behind Node's AbortError", abort, 130],
  ] as const) {
    it(`is ${code} for ${title}`, () => expect(exitCodeOf(thrown)).to.equal(code));
  }
});

describe("renderError", () => {
  it("shows message, code and hint, and no stack", () => {
    const text = renderError(usageError("PL_STACK", "there is no stack x", { hint: "`plumbline list stacks`" }), view);
    expect(text).to.equal("error: there is no stack x [PL_STACK]\nhint:  `plumbline list stacks`");
  });

  it("says where more is told, but for what was mistyped", () => {
    const text = renderError(hostError("PL_DOCKER", "no answer"), view);
    expect(text).to.equal("error: no answer [PL_DOCKER]\nmore:  plumbline explain PL_DOCKER");
  });

  it("asks for a report of what is not foreseen", () => {
    expect(renderError(new TypeError("x is not a function"), view)).to.match(
      /^internal error: x is not a function\nhint:/,
    );
  });

  it("shows the chain of causes, facts and stacks with verbose", () => {
    const root = new Error("connection refused");
    const error = new DeadlineError({
      code: "PL_TIMEOUT",
      kind: "harness",
      message: "waited",
      cause: new AggregateError([root], "two ways failed"),
      context: { attempts: 3 },
      lastObservation: { phase: "Pending" },
    });
    const text = renderError(error, { ...view, verbose: true });
    expect(text).to.contain('last seen: {"phase":"Pending"}');
    expect(text).to.contain('context: {"attempts":3}');
    expect(text).to.contain("caused by: two ways failed");
    expect(text).to.contain("caused by: connection refused");
    expect(text).to.match(/^ {4}at /m);
  });

  it("ends on a chain of causes that is a ring", () => {
    const error: Error & { cause?: unknown } = new Error("a");
    error.cause = error;
    expect(renderError(error, { ...view, verbose: true })).to.contain("internal error: a");
  });
});

describe("errorAsJson", () => {
  it("has stable keys", () => {
    expect(
      errorAsJson(hostError("PL_DOCKER", "no Docker", { hint: "start it", context: { socket: "x" } })),
    ).to.deep.equal({
      error: {
        code: "PL_DOCKER",
        kind: "host",
        message: "no Docker",
        hint: "start it",
        context: { socket: "x" },
        exitCode: 3,
      },
    });
  });
});
