import type { CaseModel, RunModel } from "../harness/results/model.ts";

/** Options that say which cluster of the user's was meant. */
const EXISTING = ["--cluster", "--kubeconfig", "--context", "--image", "--master", "--range"];

/** The command that runs one case again on the same stack or cluster, with the cases whose pods its verdict rests on. */
export function reproduceCase({ started }: RunModel, { id, verdict, violations }: CaseModel): string {
  const makers = verdict.via === "invariant" ? violations.flatMap(({ madeBy }) => madeBy) : [];
  const ids = [...new Set([id, ...makers])].flatMap((caseId) => ["--case", caseId]);
  const { stack, command } = started;
  const place = stack === "existing" ? optionsIn(command, EXISTING) : ["--stack", stack];
  const flags = FLAGS.filter((flag) => command.includes(flag));
  return commandText(["run", ...place, ...optionsIn(command, KEPT), ...flags, ...ids]);
}

/** What else decides what is installed and asked. What plumbline.yaml said is said there again, if it is the same file. */
const KEPT = [
  "--config",
  "--multus",
  "--cni-version",
  "--plugin",
  "--workers",
  "--ip-family",
  "--source",
  "--mirror",
] as const;

/** Without these the case would be skipped, or judged more mildly. */
const FLAGS = ["--allow-disruptive", "--strict"] as const;

/** Options of a command with their values. What plumbline.yaml named is named there again. */
function optionsIn(command: readonly string[], names: readonly string[]): readonly string[] {
  return command.flatMap((word, i) => {
    if (names.includes(word)) return command.slice(i, i + 2);
    return names.some((name) => word.startsWith(`${name}=`)) ? [word] : [];
  });
}

/** A command as one would type it. @param argv without the name of the program */
export function commandText(argv: readonly string[]): string {
  const words = argv.map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`,
  );
  return ["plumbline", ...words].join(" ");
}
