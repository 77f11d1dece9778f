/** A point of a run that can be told from its plain lines. */
export interface PhaseOfRun {
  readonly title: string;
  /** The line that shows that it is reached, or, with `nodesRun`, soon will be. */
  readonly line: RegExp;
  /** It is reached when the first node runs: what kind does then is too short for a line of its own every time. */
  readonly nodesRun?: true;
  /** Whether cases have been run by then, so that their outcomes must be in the record. */
  readonly casesEnded: boolean;
}

/** The points of a run of a few cases at which somebody might end it, in their order. */
export const PHASES: readonly PhaseOfRun[] = [
  { title: "while images are looked for", line: /Images: started/, casesEnded: false },
  { title: "while the network is made", line: /making the network/, casesEnded: false },
  {
    title: "while kind starts the control plane",
    line: /making the network/,
    nodesRun: true,
    casesEnded: false,
  },
  { title: "while nodes join", line: /waiting for the nodes to be registered/, casesEnded: false },
  { title: "while the stack is installed", line: /install \S+: started/, casesEnded: false },
  { title: "while the stack is waited for", line: /wait for \S+: started/, casesEnded: false },
  { title: "while the first pod is tried", line: /a pod with a secondary network: started/, casesEnded: false },
  { title: "while the pods of the cases come up", line: /Run \d+ cases > \S+: started/, casesEnded: false },
  { title: "between cases", line: /Run \d+ cases: [1-9]\d* of/, casesEnded: true },
  { title: "while what the cases made is removed", line: /Remove what the cases made: started/, casesEnded: true },
  { title: "while the cluster is removed", line: /Clean up: started/, casesEnded: true },
];
