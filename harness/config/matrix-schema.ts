import { z } from "zod";
import { MATRIX_AXES, excludedFrom, labelOf, labelsOf, matrixCells, sameCell } from "./matrix-cells.ts";
import { kubernetesSchema } from "./kubernetes-schema.ts";
import { multusSchema } from "./multus-schema.ts";
import { CNI_VERSIONS } from "./network-templates.ts";
import { pluginSchema } from "./plugin-schema.ts";

const name = z.string().min(1);
const pluginValue = z.union([name, pluginSchema], {
  error: "must be `reference`, the source of a plugin such as ./bin/my-cni, or the keys of `plugin`",
});

/** What one value of each axis may be. */
const VALUES = {
  kubernetes: kubernetesSchema,
  defaultNetwork: name,
  mode: z.enum(["thick", "thin"]),
  multus: multusSchema,
  plugin: pluginValue,
  ipam: pluginValue,
  cniVersion: z.enum(CNI_VERSIONS),
} satisfies Record<(typeof MATRIX_AXES)[number], z.ZodType>;

const ABOUT: Readonly<Record<(typeof MATRIX_AXES)[number], string>> = {
  kubernetes: "Releases of Kubernetes, as --kubernetes takes them.",
  defaultNetwork: "Default networks, as `plumbline list stacks` names them.",
  mode: "Modes of Multus: thick, thin.",
  multus: "Versions of Multus, checkouts and images, as --multus takes them.",
  plugin: "Plugins under test, as --plugin takes them or with the keys of `plugin`; `reference` is none.",
  ipam: "IPAM plugins under test, the same way.",
  cniVersion: "CNI versions of the default network and of Multus.",
};

/** What could stand there. */
const EXAMPLES: Readonly<Record<(typeof MATRIX_AXES)[number], readonly string[]>> = {
  kubernetes: ["v1.34.4", "v1.33.13"],
  defaultNetwork: ["ptp", "flannel"],
  mode: ["thick", "thin"],
  multus: ["v4.3.0", "v4.2.3"],
  plugin: ["reference", "./bin/my-cni"],
  ipam: ["reference"],
  cniVersion: ["0.3.1", "1.0.0"],
};

/** A list of an axis; one without values would silently make a matrix of nothing. */
function axis<T extends z.ZodType>(value: T, key: (typeof MATRIX_AXES)[number]) {
  const list = z.array(value).refine((values) => values.length > 0, "names no value");
  return list
    .optional()
    .describe(ABOUT[key])
    .meta({ examples: [EXAMPLES[key]] });
}

const { kubernetes, defaultNetwork, mode, multus, plugin, ipam, cniVersion } = VALUES;
const cellSchema = z.strictObject({
  kubernetes: kubernetes.optional(),
  defaultNetwork: defaultNetwork.optional(),
  mode: mode.optional(),
  multus: multus.optional(),
  plugin: plugin.optional(),
  ipam: ipam.optional(),
  cniVersion: cniVersion.optional(),
});

/** The key `matrix` of plumbline.yaml, and the whole of a file that `--matrix` names. */
export const matrixSchema = z
  .strictObject({
    kubernetes: axis(kubernetes, "kubernetes"),
    defaultNetwork: axis(defaultNetwork, "defaultNetwork"),
    mode: axis(mode, "mode"),
    multus: axis(multus, "multus"),
    plugin: axis(plugin, "plugin"),
    ipam: axis(ipam, "ipam"),
    cniVersion: axis(cniVersion, "cniVersion"),
    include: z.array(cellSchema).default([]).describe("Further cells. An axis that one does not name has its default."),
    exclude: z
      .array(cellSchema)
      .default([])
      .describe("Cells to leave out: those that have all the values of an entry."),
  })
  .superRefine((matrix, context) => {
    const issue = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: "custom", path, message });
    for (const key of MATRIX_AXES) {
      const labels = (matrix[key] ?? []).map(labelOf);
      for (const [i, label] of labels.entries()) {
        if (labels.indexOf(label) < i) issue([key, i], `is ${label} once more: a cell would be there twice`);
      }
    }
    const crossed = matrixCells({ ...matrix, include: [], exclude: [] });
    for (const [i, entry] of matrix.exclude.entries()) {
      if (!crossed.some((cell) => excludedFrom(cell, entry))) issue(["exclude", i], "is no cell of the axes");
    }
    const left = matrixCells({ ...matrix, include: [] });
    for (const [i, entry] of matrix.include.entries()) {
      const before = [...left, ...matrix.include.slice(0, i)];
      if (Object.keys(labelsOf(entry)).length === 0) issue(["include", i], "names no value of any axis");
      else if (before.some((cell) => sameCell(cell, entry))) issue(["include", i], "is a cell that is there already");
    }
    if (left.length + matrix.include.length > 0) return;
    if (crossed.length > 0) issue(["exclude"], "leaves no cell");
    else issue([], `names no axis; there are ${MATRIX_AXES.join(", ")}`);
  });

export type MatrixConfig = z.output<typeof matrixSchema>;
