/** What must hold for every pod of every case. */
export type Invariant = "four-sources" | "no-residue" | "vf-home";

/** One broken thing of one pod. It fails the case that carries its clause, whichever case made the pod. */
export interface Violation {
  readonly invariant: Invariant;
  /** Id of the case that carries the clause, e.g. `STA-005`. */
  readonly clauseCase: string;
  /** `namespace/name` */
  readonly pod: string;
  /** What it is about, e.g. `addresses of net1`. */
  readonly thing: string;
  /** JSON, as is `observed`. */
  readonly expected: unknown;
  readonly observed: unknown;
  /** One sentence for a person. */
  readonly message: string;
}

/** What a part of a judgement finds: pod and invariant are the same for all of them. */
export type Finding = Omit<Violation, "pod" | "invariant">;
