import { sampleEvents } from "../harness/results/sample-events.test-support.ts";

/** One thing that is wrong, and what a user is to be told. */
export interface BadInput {
  readonly title: string;
  readonly args: readonly string[];
  /** Written into the working folder. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly exitCode: number;
  readonly code: string;
  /** What, where, why and what to do next, as words of stderr. */
  readonly says: readonly string[];
  /** Also with --json. It takes a second start of the program, and is rendered in one place for all. */
  readonly json?: true;
}

/** The first events of a record, as its file has them. */
export const record = (upTo: number): string =>
  sampleEvents()
    .slice(0, upTo)
    .map((event) => `${JSON.stringify(event)}\n`)
    .join("");
