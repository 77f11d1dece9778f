import type { RunModel } from "../../harness/results/model.ts";

type Subject = RunModel["subjects"][number];

/** A part of what was tested that is not the same in both runs. */
export interface ChangedSubject {
  readonly name: string;
  /** Undefined where the run had none of that name. */
  readonly before: Subject | undefined;
  readonly after: Subject | undefined;
  /** What of it differs, e.g. `version` or `digest`. */
  readonly differs: readonly string[];
}

const FIELDS = ["version", "origin", "source", "digest", "changes"] as const satisfies readonly (keyof Subject)[];

/** Subjects by name that are in one run alone, or differ in what they are or were made of. */
export function changedSubjects(before: readonly Subject[], after: readonly Subject[]): readonly ChangedSubject[] {
  const olds = new Map(before.map((subject) => [subject.name, subject]));
  const news = new Map(after.map((subject) => [subject.name, subject]));
  const names = [...new Set([...olds.keys(), ...news.keys()])].toSorted();
  return names.flatMap((name) => {
    const [old, now] = [olds.get(name), news.get(name)];
    const differs = old && now ? FIELDS.filter((field) => !isSame(old[field], now[field])) : [];
    return old && now && differs.length === 0 ? [] : [{ name, before: old, after: now, differs }];
  });
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
