/** How often the bound for readiness is given to one pod: once, and once more while its setup goes on. */
export const MOST_BOUNDS = 2;

interface PodEvent {
  readonly type: string;
  readonly reason: string;
}

/** Told before anything of the pod is made on its node. */
const BEFORE_SETUP = new Set(["Scheduled"]);

/**
 * Whether a pod that is not ready is merely slow: something of it has been made on its node, and nothing that went wrong
 * was told. A host with more to do than it can brings all pods of a batch up late, and the last of them is no fault of
 * anyone. A plugin that refuses is told as a warning, and one that hangs before anything is attached as nothing; one that
 * hangs later, or says nothing of what it attached, is found out after the second bound.
 *
 * @param events those of the pod, in any order
 */
export function isUnderWay(events: readonly PodEvent[]): boolean {
  return events.every(({ type }) => type === "Normal") && events.some(({ reason }) => !BEFORE_SETUP.has(reason));
}
