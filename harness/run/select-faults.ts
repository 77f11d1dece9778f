import { usageError } from "../core/errors.ts";
import { nearestName } from "../core/nearest-name.ts";
import type { Fault } from "../nodes/fault.ts";
import { casesOf } from "./group-faults.ts";

/** Every `of`-th fault, from the `part`-th on: all parts together are all faults. */
export interface Sample {
  readonly part: number;
  readonly of: number;
}

export interface FaultSelection {
  /** Empty for all. */
  readonly ids: readonly string[];
  /** Of all, those that change the end of one of these cases. Undefined: whatever case they concern. */
  readonly cases?: readonly string[] | undefined;
  readonly sample?: Sample | undefined;
}

/**
 * The faults that are meant, of those that there are.
 * @throws PlumblineError PL_FAULT_UNKNOWN (usage) with the nearest name; PL_FAULT_SAMPLE if a sample holds none;
 *   PL_FAULT_NONE if no fault concerns the cases
 */
export function selectFaults(all: readonly Fault[], { ids, cases, sample }: FaultSelection): readonly Fault[] {
  const concerned = (fault: Fault): boolean => cases === undefined || casesOf(fault).some((id) => cases.includes(id));
  const chosen = ids.length === 0 ? all.filter(concerned) : ids.map((id) => faultNamed(all, id));
  if (chosen.length === 0) {
    throw usageError("PL_FAULT_NONE", `no fault is there for ${cases?.join(", ")}`, {
      hint: "`plumbline list faults` shows which cases each is for",
    });
  }
  if (!sample) return chosen;
  const part = chosen.filter((_, i) => i % sample.of === sample.part - 1);
  if (part.length > 0) return part;
  throw usageError(
    "PL_FAULT_SAMPLE",
    `there are ${chosen.length} faults: none is in part ${sample.part} of ${sample.of}`,
  );
}

/** Reads `n/m`, with 1 <= n <= m. @throws PlumblineError PL_FAULT_SAMPLE (usage) */
export function parseSample(text: string): Sample {
  const [, part, of] = (/^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []).map(Number);
  if (part !== undefined && of !== undefined && part >= 1 && part <= of) return { part, of };
  throw usageError("PL_FAULT_SAMPLE", `--sample ${JSON.stringify(text)} is not n/m with n from 1 to m, as in 3/10`);
}

function faultNamed(all: readonly Fault[], id: string): Fault {
  const found = all.find((fault) => fault.id === id);
  if (found) return found;
  const nearest = nearestName(id, new Set(all.map((fault) => fault.id)));
  throw usageError("PL_FAULT_UNKNOWN", `there is no fault ${JSON.stringify(id)}`, {
    hint: nearest ? `did you mean ${nearest}?` : "`plumbline list faults` shows all",
  });
}
