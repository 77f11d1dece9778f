import { expect } from "chai";
import { Command } from "commander";
import { COMMANDS } from "./command-table.ts";
import { complete } from "./complete.ts";
import type { CliContext } from "./context.ts";

/** The candidates for the last of these words, without what they are. */
async function candidates(...words: readonly string[]): Promise<readonly string[]> {
  const program = new Command("plumbline").option("--config <file>").option("--no-color");
  for (const { name, summary } of COMMANDS) program.command(name).summary(summary);
  // commands are declared and not called, so that none looks at it
  const lines = await complete(words, { program, context: {} as CliContext });
  return lines.map((line) => line.split("\t")[0] ?? "");
}

describe("what could stand there", () => {
  const table: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ["commands", ["comp"], ["compare", "completion"]],
    ["commands behind a global option with a value", ["--config", "x.yaml", "quick"], ["quickstart"]],
    ["commands of a command", ["images", "b"], ["build"]],
    ["options", ["run", "--stri"], ["--strict"]],
    ["no switch twice", ["run", "--strict", "--stri"], []],
    ["global options", ["run", "--no-c"], ["--no-color"]],
    [
      "stacks",
      ["up", "--stack", "flannel-thi"],
      [
        "flannel-thick",
        "flannel-thick-kube-router",
        "flannel-thick-simvf",
        "flannel-thick-simvf-netdevsim",
        "flannel-thick-simvf-sriovdp",
        "flannel-thick-whereabouts",
        "flannel-thin",
        "flannel-thin-kube-router",
        "flannel-thin-simvf",
        "flannel-thin-simvf-netdevsim",
        "flannel-thin-simvf-sriovdp",
        "flannel-thin-whereabouts",
      ],
    ],
    ["stacks behind =", ["up", "--stack=ptp-thick-w"], ["--stack=ptp-thick-whereabouts"]],
    ["stacks behind =, as bash parts it", ["up", "--stack", "=", "ptp-thick-w"], ["ptp-thick-whereabouts"]],
    ["profiles, letter case ignored", ["run", "--profile", "npw"], ["NPWG"]],
    ["cases", ["run", "--case", "rte-001"], ["RTE-001"]],
    ["further cases behind a comma", ["run", "--case", "TD-001,RTE-001"], ["TD-001,RTE-001"]],
    ["faults", ["prove", "--fault", "bridge-drops"], ["bridge-drops-del"]],
    ["features", ["run", "--feature", "kernel-macv"], ["kernel-macvlan"]],
    ["layers", ["run", "--layer", "L3"], ["L3"]],
    ["choices of an option", ["run", "--source", "mir"], ["mirror"]],
    ["choices of an argument", ["list", "clu"], ["clusters"]],
    ["codes", ["explain", "pl_grep"], ["PL_GREP"]],
    ["files", ["run", "--config", ""], [":files"]],
    ["folders", ["run", "--failed", ""], [":folders"]],
    ["nothing for a free value", ["run", "--grep", ""], []],
    ["nothing for a command that there is not", ["nonsense", "--x"], []],
  ];
  for (const [title, words, wanted] of table) {
    it(title, async () => expect(await candidates(...words)).to.deep.equal(wanted));
  }

  it("all commands for an empty word", async () => {
    expect(await candidates("")).to.include.members(COMMANDS.map(({ name }) => name));
  });

  it("options with what they do, in one line", async () => {
    const program = new Command("plumbline");
    program.command("run");
    const lines = await complete(["run", "--fail-f"], { program, context: {} as CliContext });
    expect(lines).to.deep.equal(["--fail-fast\tbegin no further case after one that failed unexpectedly"]);
  });
});
