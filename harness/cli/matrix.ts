import type { Command } from "commander";
import { labelOf } from "../config/matrix-cells.ts";
import { EXIT } from "../core/status.ts";
import type { MatrixCell } from "../plan/matrix-plan.ts";
import type { MatrixFacts } from "../results/run-facts.ts";
import type { RunRequest } from "../run/run-request.ts";
import type { CellRun } from "../run/run-matrix.ts";
import { defaultConfig } from "../config/schema.ts";
import { cellCommand } from "./cell-command.ts";
import type { CliContext } from "./context.ts";
import type { MatrixFlags, MatrixSetup } from "./matrix-setup.ts";
import { planText } from "./matrix-text.ts";
import { addRunOptions, collect, requestOf } from "./run-options.ts";
import { showError } from "./show-error.ts";

const HELP = `
A matrix in plumbline.yaml, or without its first line in a file of its own (--matrix FILE):

  matrix:
    defaultNetwork: [ptp, flannel]
    mode: [thick, thin]
    multus: [v4.3.0, v4.2.3]
    exclude:
      - { defaultNetwork: flannel, multus: v4.2.3 }
    include:
      - { defaultNetwork: ptp, mode: thick, multus: ./multus-cni }

Axes: kubernetes, defaultNetwork, mode, multus, plugin, ipam, cniVersion. An axis that is not named has the value that
\`plumbline run\` would take. Cells that differ in Multus or in what is under test share a cluster, on which Multus is changed
in place; it is removed after the last of them.

Examples:
  plumbline matrix plan
  plumbline matrix run --profile full
  plumbline matrix run --shard 2/3 --out records     on one of three machines
  plumbline matrix plan --shard 1/3 --times records  balanced by what the cells took there
  plumbline merge records                            one table of all records

All parts must be given the same matrix, the same cases and the same --times: each record holds a digest of the plan, and
those of different plans are not merged.`;

/** Declares `plumbline matrix` with its subcommands. */
export function declareMatrix(command: Command, context: CliContext): void {
  command.description("Runs the same cases over versions, modes, networks and plugins.").addHelpText("after", HELP);
  addMatrixOptions(command.command("plan"))
    .description("show the cells, their clusters, and how they are divided into parts; nothing is started")
    .option("--json", "one JSON document: plan, cells, cells of this part")
    .action((flags: MatrixFlags) => plan(context, flags));
  addMatrixOptions(command.command("run"))
    .description(
      "run the cells, one record each, and make the table; a cell that fails does not keep others from running",
    )
    .option("--json", "one JSON document: plan, and of each cell how it ended and where its record is")
    .addHelpText(
      "after",
      `
Exit codes: as of \`plumbline run\`, by the cell that weighs most: 1 a case failed in some cell, 3 a cell broke or could not be
had, 5 a cluster could not be removed.`,
    )
    .action((flags: MatrixFlags) => runCells(context, flags));
}

function addMatrixOptions(command: Command): Command {
  return addRunOptions(command)
    .option("--matrix <file>", "the matrix (default: the key `matrix` of plumbline.yaml)")
    .option("--shard <i/n>", "the i-th of n parts, balanced by time")
    .option("--cell <id>", "only this cell, one that broke, say; may be repeated", collect)
    .option("--times <dir>", "records by whose times parts are balanced; may be repeated", collect)
    .option("--plugin <source>", "your own plugin, in cells whose axes name none");
}

async function plan(context: CliContext, flags: MatrixFlags): Promise<void> {
  const { matrixSetup } = await import("./matrix-setup.ts");
  const setup = await matrixSetup(context, flags);
  if (flags.json) context.printJson(asJson(setup));
  else context.print(planText(setup, context.paint));
}

function asJson({ plan: { digest, cells }, shard, cells: part, cases, timesMs }: MatrixSetup): object {
  const ids = new Set(part.map(({ id }) => id));
  return {
    plan: digest,
    cases,
    ...(shard ? { shard: `${shard.index}/${shard.count}` } : {}),
    cells: cells.map(({ id, values, stack, kubernetes, multus, cniVersion, plugin, cluster }) => ({
      id,
      values,
      stack,
      ...(kubernetes === undefined ? {} : { kubernetes }),
      ...(multus === undefined ? {} : { multus }),
      ...(cniVersion === undefined ? {} : { cniVersion }),
      ...(plugin ? { plugin: labelOf(plugin) } : {}),
      cluster,
      ...(timesMs.has(id) ? { durationMs: timesMs.get(id) } : {}),
      inThisPart: ids.has(id),
    })),
  };
}

async function runCells(context: CliContext, flags: MatrixFlags): Promise<void> {
  const { matrixSetup } = await import("./matrix-setup.ts");
  const setup = await matrixSetup(context, flags);
  const { runMatrix } = await import("../run/run-matrix.ts");
  const { worstExit } = await import("../results/matrix-outcome.ts");
  const progress = context.progress();
  if (setup.cells.length === 0) progress.note("this part has no cell: there are more parts than cells");
  const made = await runMatrix({
    cells: setup.cells,
    requestOf: (cell) => requestFor(cell, { setup, flags, context }),
    keep: setup.config.keep,
    ports: { progress, signal: context.signal },
    onCell: (run) => reportCell(context, run),
  });
  for (const failure of made.cleanupFailures) progress.note(`not removed: ${failure}`);
  const codes = made.runs.map(({ exitCode }) => exitCode);
  const interrupted = made.left.length > 0 ? [EXIT.interrupted] : [];
  const cleanup = made.cleanupFailures.length > 0 ? [EXIT.cleanupFailed] : [];
  // a part without cells has nothing to say against anything
  context.exitCode = setup.cells.length === 0 ? EXIT.ok : worstExit([...codes, ...interrupted, ...cleanup]);
  const records = made.runs.flatMap(({ outcome }) => outcome?.recordDir ?? []);
  const { showMatrix } = await import("./matrix-tables.ts");
  const tables = { out: setup.config.out, print: !flags.json };
  const shown = records.length === 0 ? undefined : await showMatrix(context, records, tables);
  if (!flags.json) return;
  context.printJson({
    plan: setup.plan.digest,
    cells: made.runs.map(({ cell, exitCode, outcome }) => ({
      id: cell.id,
      exitCode,
      causes: outcome?.causes ?? [],
      record: outcome?.recordDir ?? null,
    })),
    notBegun: made.left.map(({ id }) => id),
    files: shown?.files ?? [],
    exitCode: context.exitCode,
  });
}

interface Asked {
  readonly setup: MatrixSetup;
  readonly flags: MatrixFlags;
  readonly context: CliContext;
}

/** One cell as a run: what its record tells is the command that runs it alone. */
function requestFor(cell: MatrixCell, { setup, flags, context }: Asked): RunRequest {
  const { plan: whole, shard, config } = setup;
  const { stack, kubernetes, multus, cniVersion, plugin, cluster } = cell;
  const own = {
    ...config,
    stack,
    kubernetes,
    multus,
    cniVersion,
    plugin,
    cluster: { ...defaultConfig.cluster, name: cluster },
    reuse: true,
  };
  const facts: MatrixFacts = {
    plan: whole.digest,
    cell: cell.id,
    cells: whole.cells.map(({ id, values }) => ({ id, values })),
    ...(shard ? { shard: `${shard.index}/${shard.count}` } : {}),
  };
  const command = cellCommand(cell, config, context.configPath);
  return { ...requestOf(own, flags, { context, command }), keptFor: config.keep ? "user" : "next run", matrix: facts };
}

async function reportCell(context: CliContext, { cell, outcome, error }: CellRun): Promise<void> {
  if (!outcome) {
    context.stderr.write(`cell ${cell.id} came to no record:\n`);
    return showError(error, context);
  }
  const { writeReports } = await import("../../reports/write-reports.ts");
  const { failures } = await writeReports(outcome.recordDir);
  for (const failure of failures) showError(failure, context);
}
