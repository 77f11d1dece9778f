import type { ResidueItem } from "../nodes/residue.ts";
import { signatureMatches, type Signature } from "../plan/deviations.ts";
import { violationAssertion } from "../results/case-outcome.ts";
import { residueViolations } from "../verdicts/residue-violations.ts";
import type { Deletion, TestPod } from "./test-pod.ts";

/**
 * Files that are left of a pod are final once its last DEL has been answered. The kubelet lets a pod go from the API only
 * then. One that was deleted by force is gone before; of it they are final when its sandboxes are stopped, which the runtime
 * says shortly before DEL is answered, and nothing has changed for this long. What the kernel holds is waited for to the
 * bound, since it takes a network namespace apart on its own time: seconds, on a busy host.
 */
const SETTLED_FORCED_MS = 1_000;
/** What is held in the API may be freed by a controller that hears of the pod's end, when DEL did not do it. */
const SETTLED_IN_API_MS = 10_000;
const FILE_KINDS: ReadonlySet<string> = new Set(["lease", "cni-cache", "devinfo", "file"]);
/** What was left at one look. */
export type Left = ReadonlyMap<TestPod, readonly ResidueItem[]>;

/** How long files that are left must have been the same to be final. */
export function settledMs(left: Left): number {
  if ([...left.values()].flat().some(({ inApi }) => inApi)) return SETTLED_IN_API_MS;
  return [...left.keys()].some(({ deleted }) => deleted === "forced") ? SETTLED_FORCED_MS : 0;
}

export function onlyFiles(left: Left): boolean {
  return [...left.values()].flat().every(({ kind }) => FILE_KINDS.has(kind));
}

/** What there is, as a text that is the same for the same things. */
export function keysOf(left: Left): string {
  return textOf([...left.values()].flat());
}

/** The files among it: that the kernel has meanwhile taken a link says nothing of them. */
export function fileKeysOf(left: Left): string {
  return textOf([...left.values()].flat().filter(({ kind }) => FILE_KINDS.has(kind)));
}

function textOf(items: readonly ResidueItem[]): string {
  return items
    .map(({ kind, key }) => `${kind} ${key}`)
    .toSorted()
    .join("\n");
}

export function deletionOf(deleted: Deletion | undefined): "force" | "normal" {
  return deleted === "forced" ? "force" : "normal";
}

/** Whether all of it is known to stay, and some of it does for good. */
export function isKnownResidue(
  known: readonly Signature[],
  { items, deleted }: { readonly items: readonly ResidueItem[]; readonly deleted: Deletion | undefined },
): boolean {
  if (items.length === 0) return true;
  if (!items.some(({ kind }) => FILE_KINDS.has(kind))) return false;
  return residueViolations(items, { pod: "", deletion: deletionOf(deleted) }).every((violation) => {
    const failure = { assertion: violationAssertion(violation), observed: violation };
    return known.some((signature) => signatureMatches(signature, failure));
  });
}
