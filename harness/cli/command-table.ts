import type { Command } from "commander";
import type { CliContext } from "./context.ts";

/** Adds arguments, options, help and the action to a command that has its name and summary. */
export type DeclareCommand = (command: Command, context: CliContext) => void;

export interface CommandEntry {
  readonly name: string;
  /** One line for the overview. */
  readonly summary: string;
  /** Loads the file of the command: only when it is called or its help is asked for. */
  load(): Promise<DeclareCommand>;
}

/** Every command, in the order in which a new user meets them. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "quickstart",
    summary: "look at the host, get images, run the profile quick, report",
    load: async () => (await import("./quickstart.ts")).declareQuickstart,
  },
  {
    name: "doctor",
    summary: "tell what this host lacks, and how to put it right",
    load: async () => (await import("./doctor.ts")).declareDoctor,
  },
  {
    name: "init",
    summary: "write a plumbline.yaml with every setting explained",
    load: async () => (await import("./init.ts")).declareInit,
  },
  {
    name: "images",
    summary: "build, pull or list the images that clusters are made of",
    load: async () => (await import("./images.ts")).declareImages,
  },
  {
    name: "run",
    summary: "run cases on a testbed and write record and reports",
    load: async () => (await import("./run.ts")).declareRun,
  },
  {
    name: "matrix",
    summary: "plan and run the same cases over versions, modes and networks",
    load: async () => (await import("./matrix.ts")).declareMatrix,
  },
  {
    name: "merge",
    summary: "make one table of the records of a matrix",
    load: async () => (await import("./merge.ts")).declareMerge,
  },
  {
    name: "report",
    summary: "make the reports of runs again from their records",
    load: async () => (await import("./report.ts")).declareReport,
  },
  {
    name: "verify",
    summary: "hold reports and evidence against the record they were made from",
    load: async () => (await import("./verify.ts")).declareVerify,
  },
  {
    name: "compare",
    summary: "tell what two runs have that the other has not",
    load: async () => (await import("./compare.ts")).declareCompare,
  },
  {
    name: "up",
    summary: "bring up a cluster with a stack on it, ready for cases",
    load: async () => (await import("./up.ts")).declareUp,
  },
  {
    name: "down",
    summary: "delete a cluster of Plumbline",
    load: async () => (await import("./down.ts")).declareDown,
  },
  {
    name: "list",
    summary: "list stacks, profiles, cases, faults and clusters",
    load: async () => (await import("./list.ts")).declareList,
  },
  {
    name: "explain",
    summary: "tell what an error, a skip, an exit code or a case means",
    load: async () => (await import("./explain.ts")).declareExplain,
  },
  {
    name: "prove",
    summary: "plant faults and see that cases notice them",
    load: async () => (await import("./prove.ts")).declareProve,
  },
  {
    name: "gc",
    summary: "remove what killed runs left behind",
    load: async () => (await import("./gc.ts")).declareGc,
  },
  {
    name: "docs",
    summary: "write pages about the cases and the errors",
    load: async () => (await import("./docs.ts")).declareDocs,
  },
  {
    name: "completion",
    summary: "print a script by which a shell completes commands and names",
    load: async () => (await import("./completion.ts")).declareCompletion,
  },
];
