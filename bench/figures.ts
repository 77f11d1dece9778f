/** Median, minimum and maximum of some times, as a line; with a goal, whether it is reached. */
export function figureLine(what: string, timesMs: readonly number[], goalMs?: number): string {
  const sorted = timesMs.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  const median = at(0.5);
  const figure = `${what}: median ${ms(median)} of ${sorted.length} (${ms(at(0))} to ${ms(at(1))})`;
  if (goalMs === undefined) return figure;
  return `${figure}, goal ${ms(goalMs)}: ${median <= goalMs ? "reached" : "NOT reached"}`;
}

function ms(value: number): string {
  return value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${value.toFixed(0)} ms`;
}
