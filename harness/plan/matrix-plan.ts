import { labelsOf, matrixCells, type CellValues, type MatrixAxis } from "../config/matrix-cells.ts";
import type { MatrixConfig } from "../config/matrix-schema.ts";
import type { MultusSettings } from "../config/multus-settings.ts";
import type { CniVersion } from "../config/network-templates.ts";
import type { PluginConfig } from "../config/plugin-schema.ts";
import { usageError } from "../core/errors.ts";
import { canonicalJson, sha256 } from "../core/json.ts";
import { nearestName } from "../core/nearest-name.ts";
import { loadStack, stackNamed, stackNames, type Stack } from "../stack/stack.ts";

/** One combination: what is installed, and what is under test. */
export interface MatrixCell {
  /** Of its values: the same in every plan that has these axes. */
  readonly id: string;
  /** In words, by axis. */
  readonly values: Readonly<Record<string, string>>;
  readonly stack: string;
  /** Another release than the pinned one. */
  readonly kubernetes: string | undefined;
  readonly multus: string | undefined;
  readonly cniVersion: CniVersion | undefined;
  readonly plugin: PluginConfig | undefined;
  /** Name of the cluster; cells with the same share it, and Multus is changed in place between them. */
  readonly cluster: string;
}

export interface MatrixPlan {
  /** `sha256:...` over the cells and all that decides what is run in them. */
  readonly digest: string;
  /** Those that share a cluster stand together, and among them those with the same Multus. */
  readonly cells: readonly MatrixCell[];
}

/** What holds for all cells. */
export interface MatrixBase {
  /** Names the default network and the mode for cells that do not, and what else all of them have. */
  readonly stack: string;
  readonly multus: string | undefined;
  readonly cniVersion: CniVersion | undefined;
  /** Of Multus' configuration, over the stacks'. */
  readonly multusSettings: MultusSettings | undefined;
  readonly plugin: PluginConfig | undefined;
  /** How the names of clusters begin. */
  readonly clusterName: string;
  /** The release of cells that name none. */
  readonly kubernetes: string;
  /** The one that images are made of unless somebody asks for another. */
  readonly pinnedKubernetes: string;
  /** What else decides what is run, and how it is judged. */
  readonly run: Readonly<Record<string, unknown>>;
  /** Digest of the suites. */
  readonly suiteDigest: string;
}

/**
 * The cells of a matrix in the order in which they run. The same matrix gives the same plan, anywhere.
 * @param setting key of the configuration that holds the axes, for errors; empty for a file of its own
 * @throws PlumblineError PL_MATRIX_VALUE (usage) for a value that its owner does not know, PL_MATRIX_CELL (usage)
 */
export function planMatrix(matrix: MatrixConfig, base: MatrixBase, setting = "matrix"): MatrixPlan {
  const values = matrixCells(matrix);
  const ids = cellIds(values);
  const cells = values.map((cell, i) => resolved(cell, { id: ids[i] ?? "", base, setting }));
  const { suiteDigest, kubernetes, multusSettings } = base;
  const run = multusSettings === undefined ? base.run : { ...base.run, multusSettings };
  const told = cells.map(({ cluster: _cluster, ...cell }) => cell);
  const digest = sha256(canonicalJson({ format: 1, cells: told, run, suiteDigest, kubernetes }));
  return { digest: `sha256:${digest}`, cells: inOrder(cells) };
}

interface Place {
  readonly id: string;
  readonly base: MatrixBase;
  readonly setting: string;
}

function resolved(cell: CellValues, place: Place): MatrixCell {
  const { id, base } = place;
  const byDefault = stackNamed(base.stack);
  const stacks = stackNames().map((name) => loadStack(name));
  const networks = [...new Set(stacks.map(({ defaultNetwork }) => defaultNetwork))];
  const network = cell.defaultNetwork ?? byDefault.defaultNetwork;
  known(place, ["defaultNetwork", network], networks);
  const mode = cell.mode ?? byDefault.multus.mode;
  const stack = `${network}-${mode}${flavourOf(byDefault)}`;
  if (!stacks.some(({ name }) => name === stack)) throw cellError(id, `there is no stack ${stack}`);
  stackNamed(stack, { multusSettings: base.multusSettings });
  const cniVersion = cell.cniVersion ?? base.cniVersion;
  const kubernetes = otherThan(base.pinnedKubernetes, cell.kubernetes ?? base.kubernetes);
  const suffixes = [
    kubernetes === undefined ? "" : `-k${digitsOf(kubernetes)}`,
    cniVersion === undefined ? "" : `-cni${digitsOf(cniVersion)}`,
  ];
  return {
    id,
    values: labelsOf(cell),
    stack,
    kubernetes,
    multus: cell.multus ?? base.multus,
    cniVersion,
    plugin: pluginOf(cell, place),
    cluster: `${base.clusterName}-${network}${suffixes.join("")}`,
  };
}

/** `1334` of v1.33.4: names of clusters have no dots. */
const digitsOf = (version: string): string => version.replaceAll(/\D/g, "");

const otherThan = (pinned: string, version: string): string | undefined => (version === pinned ? undefined : version);

/** What a stack has besides its network and mode, as its name says it: `-simvf`, say, which all cells then have. */
function flavourOf({ name, defaultNetwork, multus }: Stack): string {
  return name.slice(`${defaultNetwork}-${multus.mode}`.length);
}

/** A run has one plugin under test. */
function pluginOf({ plugin, ipam }: CellValues, { id, base }: Place): PluginConfig | undefined {
  const given = [plugin, ipam].filter((value) => value !== undefined && value !== "reference");
  if (given.length > 1) throw cellError(id, "it names a plugin and an IPAM plugin, and a run has one under test");
  const [value] = given;
  if (value === undefined) return plugin === undefined && ipam === undefined ? base.plugin : undefined;
  const config =
    typeof value === "string" ? { needsCluster: false, files: {}, objects: [], ...base.plugin, source: value } : value;
  return value === ipam ? { ...config, role: "ipam" } : config;
}

function known({ setting }: Place, [axis, value]: readonly [MatrixAxis, string], names: readonly string[]): void {
  if (names.includes(value)) return;
  const nearest = nearestName(value, names);
  throw usageError("PL_MATRIX_VALUE", `${axis} has no value ${JSON.stringify(value)}`, {
    hint: nearest ? `did you mean ${nearest}?` : `there is ${names.join(", ")}`,
    context: { setting: setting === "" ? axis : `${setting}.${axis}`, value },
  });
}

function cellError(id: string, why: string): Error {
  return usageError("PL_MATRIX_CELL", `the cell ${id} cannot be: ${why}`, {
    hint: "leave it out by an entry of exclude",
  });
}

/** Readable, and fit to be a file's name; values that would look the same get a digest behind them. */
function cellIds(cells: readonly CellValues[]): readonly string[] {
  const plain = cells.map((cell) =>
    Object.values(labelsOf(cell))
      .map((label) => label.replaceAll(/[^\w.]+/g, "-").replaceAll(/^[-.]+|[-.]+$/g, ""))
      .join("-"),
  );
  return plain.map((id, i) => {
    const isAlone = plain.filter((other) => other === id).length === 1;
    return isAlone ? id : `${id}-${sha256(canonicalJson(labelsOf(cells[i] ?? {}))).slice(0, 6)}`;
  });
}

/** By the first cell of each cluster, and within a cluster by the first of each Multus: what costs most changes least. */
function inOrder(cells: readonly MatrixCell[]): readonly MatrixCell[] {
  const multusOf = ({ stack, multus }: MatrixCell): string => `${stack} ${multus ?? ""}`;
  const clusters = [...new Set(cells.map(({ cluster }) => cluster))];
  return clusters.flatMap((cluster) => {
    const own = cells.filter((cell) => cell.cluster === cluster);
    const installed = [...new Set(own.map(multusOf))];
    return installed.flatMap((one) => own.filter((cell) => multusOf(cell) === one));
  });
}
