/** A point on the monotonic clock by which something must have happened. */
export class Deadline {
  readonly #endsAtMs: number;
  readonly timeoutMs: number;

  private constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
    this.#endsAtMs = performance.now() + timeoutMs;
  }

  /** @param timeoutMs milliseconds from now */
  static in(timeoutMs: number): Deadline {
    return new Deadline(timeoutMs);
  }

  get remainingMs(): number {
    return Math.max(0, this.#endsAtMs - performance.now());
  }

  get expired(): boolean {
    return this.remainingMs === 0;
  }

  /** The earlier of this deadline and one `timeoutMs` from now. */
  within(timeoutMs: number): Deadline {
    return Deadline.in(Math.min(timeoutMs, this.remainingMs));
  }
}
