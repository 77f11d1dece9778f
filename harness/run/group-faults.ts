import { isNodeFault, type CallPart, type Fault } from "../nodes/fault.ts";

/**
 * Groups of faults that are planted together, so that one run proves all of a group: no case is to notice two of them, and
 * none speaks of a call that another speaks of, and none asks to be alone. That one hides another all the same is seen by
 * the run: such a fault is not noticed, and is tried alone.
 */
export function groupFaults(faults: readonly Fault[]): readonly (readonly Fault[])[] {
  const groups: Fault[][] = [];
  for (const fault of faults) {
    const group = groups.find((members) => members.every((member) => areApart(member, fault)));
    if (group) group.push(fault);
    else groups.push([fault]);
  }
  return groups;
}

/** Cases whose end a fault changes. */
export function casesOf({ noticedBy, repairs }: Pick<Fault, "noticedBy" | "repairs">): readonly string[] {
  return [...noticedBy.map((notice) => notice.case), ...(repairs === undefined ? [] : [repairs])];
}

function areApart(a: Fault, b: Fault): boolean {
  if (a.alone || b.alone) return false;
  const cases = new Set(casesOf(a));
  if (casesOf(b).some((id) => cases.has(id))) return false;
  if (isNodeFault(a) || isNodeFault(b)) return true;
  return a.parts.every((one) => b.parts.every((other) => speakOfOthers(one, other)));
}

/** Whether no call is spoken of by both. */
function speakOfOthers(a: CallPart, b: CallPart): boolean {
  if (a.target !== b.target || !a.verbs.some((verb) => b.verbs.includes(verb))) return true;
  return (["podName", "network", "ifname", "containerId"] as const).some((key) =>
    excludeEachOther(a.when[key], b.when[key]),
  );
}

/** Whether no text can match both expressions, as far as their beginnings tell. */
function excludeEachOther(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  const [one, other] = [literalBeginning(a), literalBeginning(b)];
  return !one.startsWith(other) && !other.startsWith(one);
}

/** What every text that matches begins with. */
function literalBeginning(expression: string): string {
  if (expression.includes("|")) return "";
  const literal = /^[\w/-]*/.exec(expression)?.[0] ?? "";
  // a character that may be missing or repeated is not part of it
  return /^[?*{]/.test(expression.slice(literal.length)) ? literal.slice(0, -1) : literal;
}
