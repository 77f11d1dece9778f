import { canonicalJson } from "../core/json.ts";
import { changedFields, fieldText } from "./fields.ts";
import type { LedgerEntry, LedgerKind } from "./ledger-entry.ts";
import type { LedgerClass, LedgerRule } from "./ledger-rules.ts";
import { isSameNamespace } from "./same-namespace.ts";
import type { NodeState } from "./state.ts";
import { entriesOf } from "./state-entries.ts";

/** One difference between two states of a node. */
export interface LedgerItem {
  readonly kind: LedgerKind;
  /** Identifies the thing among those of its kind; begins with `NAME/` for one inside a named network namespace. */
  readonly key: string;
  /** Name of that namespace; empty for the node itself. */
  readonly namespace: string;
  readonly change: "added" | "removed" | "changed";
  /** As the node told it; undefined if it was not there. */
  readonly before: unknown;
  readonly after: unknown;
  /** Dotted paths of what differs, for a changed thing. */
  readonly fields: readonly string[];
  readonly class: LedgerClass;
  /** Id of the rule that gave the class, with its reason; undefined for an unclassed item. */
  readonly rule: string | undefined;
  readonly reason: string | undefined;
}

/** A difference before anyone has said whose it is. */
export type Difference = Omit<LedgerItem, "class" | "rule" | "reason">;

/**
 * What differs between two states of a node, each difference with its class. Nothing is dropped: what no rule speaks of
 * is `unclassed`. A namespace that is in one state only is one item, as its contents come and go with it.
 */
export function diffStates(before: NodeState, after: NodeState, rules: readonly LedgerRule[]): readonly LedgerItem[] {
  const was = entriesOf(before);
  const is = entriesOf(after);
  const common = commonNamespaces(before, after);
  const items: LedgerItem[] = [];
  for (const id of new Set([...was.keys(), ...is.keys()])) {
    const difference = differenceOf(was.get(id), is.get(id));
    if (difference && !isImplied(difference, common)) items.push(classify(difference, rules));
  }
  return items;
}

/** Gives a difference its class: that of the first rule that fits. */
export function classify(difference: Difference, rules: readonly LedgerRule[]): LedgerItem {
  // what changes by itself does not hide what else has changed in the same thing
  const quiet = rules.filter((rule) => rule.class === "volatile" && rule.fields && fits(rule, difference));
  const left = difference.fields.filter((field) => !quiet.some((rule) => rule.fields?.some((f) => f.test(field))));
  const covers = (rule: LedgerRule): boolean =>
    !rule.fields || left.every((field) => rule.fields?.some((f) => f.test(field)));
  const byItself = difference.change === "changed" && left.length === 0 ? quiet[0] : undefined;
  const rule = byItself ?? rules.find((candidate) => fits(candidate, difference) && covers(candidate));
  return { ...difference, class: rule?.class ?? "unclassed", rule: rule?.id, reason: rule?.reason };
}

function fits(rule: LedgerRule, { kind, key, change, before, after }: Difference): boolean {
  if (!rule.kinds.includes(kind) || (rule.key && !rule.key.test(key))) return false;
  if (rule.fields ? change !== "changed" : rule.changes && !rule.changes.includes(change)) return false;
  const thing = after ?? before;
  return Object.entries(rule.where ?? {}).every(([path, wanted]) => wanted.test(fieldText(thing, path)));
}

function differenceOf(was: LedgerEntry | undefined, is: LedgerEntry | undefined): Difference | undefined {
  const entry = is ?? was;
  if (!entry) return undefined;
  const { kind, key, namespace } = entry;
  const shared = { kind, key, namespace, before: was?.value, after: is?.value };
  if (!was) return { ...shared, change: "added", fields: [] };
  if (!is) return { ...shared, change: "removed", fields: [] };
  if (canonicalJson(was.value) === canonicalJson(is.value)) return undefined;
  return { ...shared, change: "changed", fields: changedFields(was.value, is.value) };
}

/** Names of the namespaces that are the same one in both states; the empty name is the node itself. */
function commonNamespaces(before: NodeState, after: NodeState): ReadonlySet<string> {
  const mounted = before.namespaces.filter((n) => n.mounted);
  const common = after.namespaces.filter(
    (n) => n.mounted && mounted.some((was) => was.name === n.name && isSameNamespace(was, n)),
  );
  return new Set(["", ...common.map((n) => n.name)]);
}

/** Differences that follow from another item without saying anything of their own. */
function isImplied({ kind, key, change, namespace }: Difference, common: ReadonlySet<string>): boolean {
  if (!common.has(namespace)) return true;
  // the settings of an interface come with it, as copies of the defaults, and go with it
  return kind === "sysctl" && change !== "changed" && /net\/ipv[46]\/conf\//.test(key);
}
