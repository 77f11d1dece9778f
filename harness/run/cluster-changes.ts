import { noteChanges } from "../cluster/cluster-record.ts";

/**
 * What changes a cluster of ours for a time: planted faults, cases that restart or reconfigure what others rely on. It
 * stands in the record of the cluster while it lasts, so that the cluster of a run that ended in between is taken by no other.
 */
export class ClusterChanges {
  readonly #lasting: string[] = [];
  readonly #cluster: string | undefined;

  /** @param cluster undefined: one of the user's, for which its own claim tells */
  constructor(cluster: string | undefined) {
    this.#cluster = cluster;
  }

  /** @param what in words that follow "in the middle of" */
  begin(what: string): void {
    this.#lasting.push(what);
    this.#note();
  }

  /** All of it is undone. */
  end(what: string): void {
    const at = this.#lasting.indexOf(what);
    if (at === -1) return;
    this.#lasting.splice(at, 1);
    this.#note();
  }

  #note(): void {
    if (this.#cluster !== undefined) noteChanges(this.#cluster, this.#lasting);
  }
}
