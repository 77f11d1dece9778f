/** Where progress goes. The lower rooms speak of phases; only `cli/` knows what a terminal is. */
export interface Progress {
  /** Starts a phase; exactly one of `done`, `skip`, `fail` ends it. Phases may nest and overlap. */
  phase(title: string): Phase;
  /** One line that stands by itself, such as a warning. */
  note(line: string): void;
}

export interface Phase {
  /** What is being done now; replaces the last detail. */
  update(detail: string): void;
  done(detail?: string): void;
  skip(reason: string): void;
  fail(reason: string): void;
  /** A phase inside this one. */
  phase(title: string): Phase;
}

const silentPhase: Phase = {
  update() {},
  done() {},
  skip() {},
  fail() {},
  phase: () => silentPhase,
};

/** For callers that nobody watches. */
export const silentProgress: Progress = { phase: () => silentPhase, note() {} };

/** Runs `work` as a phase: done when it resolves, failed when it throws. */
export async function inPhase<T>(
  parent: { phase(title: string): Phase },
  title: string,
  work: (phase: Phase) => Promise<T>,
): Promise<T> {
  const phase = parent.phase(title);
  try {
    const value = await work(phase);
    phase.done();
    return value;
  } catch (error) {
    phase.fail(error instanceof Error ? error.message : String(error));
    throw error;
  }
}
