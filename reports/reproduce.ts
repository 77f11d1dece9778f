import type { CaseModel, RunModel } from "../harness/results/model.ts";

/** The command that runs one case again on the same stack, with the cases whose pods its verdict rests on. */
export function reproduceCase({ started }: RunModel, { id, verdict, violations }: CaseModel): string {
  const makers = verdict.via === "invariant" ? violations.flatMap(({ madeBy }) => madeBy) : [];
  const ids = [...new Set([id, ...makers])].flatMap((caseId) => ["--case", caseId]);
  const kept = KEPT.flatMap((option) => optionIn(started.command, option));
  return commandText(["run", "--stack", started.stack, ...kept, ...ids]);
}

/** What else decides what is installed and asked. What plumbline.yaml said is said there again. */
const KEPT = ["--multus", "--cni-version", "--plugin"];

/** An option of a command with its value. */
function optionIn(command: readonly string[], option: string): readonly string[] {
  const at = command.findIndex((word) => word === option || word.startsWith(`${option}=`));
  if (at < 0) return [];
  return command[at] === option ? command.slice(at, at + 2) : command.slice(at, at + 1);
}

/** A command as one would type it. @param argv without the name of the program */
export function commandText(argv: readonly string[]): string {
  const words = argv.map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`,
  );
  return ["plumbline", ...words].join(" ");
}
