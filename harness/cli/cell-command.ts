import { profileOf } from "../config/profile-of.ts";
import type { Config } from "../config/schema.ts";
import type { MatrixCell } from "../plan/matrix-plan.ts";

type Cell = Pick<MatrixCell, "stack" | "kubernetes" | "multus" | "cniVersion" | "plugin">;

/** The command that runs a cell of a matrix alone, without the name of the program. */
export function cellCommand(cell: Cell, config: Config, configPath: string | undefined): readonly string[] {
  const options: readonly (readonly [string, string | undefined])[] = [
    ["--stack", cell.stack],
    ["--kubernetes", cell.kubernetes],
    ["--multus", cell.multus],
    ["--cni-version", cell.cniVersion],
    ["--plugin", cell.plugin?.source],
    ["--config", configPath],
    ["--workers", String(config.workers)],
    ["--ip-family", config.ipFamily],
    ["--profile", profileOf(config)],
    ...config.cases.map((id) => ["--case", id] as const),
    ...config.layers.map((layer) => ["--layer", layer] as const),
    ...config.features.map((feature) => ["--feature", feature] as const),
    ["--grep", config.grep],
  ];
  return ["run", ...options.flatMap(([option, value]) => (value === undefined ? [] : [option, value]))];
}
