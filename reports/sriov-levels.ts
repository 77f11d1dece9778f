import type { RunModel } from "../harness/results/model.ts";
import { mergeLevels, SRIOV_LEVELS, type SriovLevel } from "../harness/results/sriov-levels.ts";

/** `S1: what is asked of a VF is requested and restored, not enforced`, one text a level. */
export function levelTexts(levels: readonly SriovLevel[]): readonly string[] {
  const words: Readonly<Record<string, string>> = SRIOV_LEVELS;
  return levels.map((level) => (words[level] === undefined ? level : `${level}: ${words[level]}`));
}

/** The levels of simulated SR-IOV that cases of the run ran on; none for a run without VFs. */
export function levelsOfRun({ cases }: Pick<RunModel, "cases">): readonly SriovLevel[] {
  return mergeLevels(cases.map(({ sriovLevels }) => sriovLevels));
}

/** The same in one line; undefined for a run without VFs. */
export function runLevelsText(model: Pick<RunModel, "cases">): string | undefined {
  const levels = levelsOfRun(model);
  return levels.length === 0 ? undefined : levelTexts(levels).join("; ");
}
