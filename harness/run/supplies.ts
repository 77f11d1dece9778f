import type { RunningCluster } from "../cluster/cluster.ts";
import type { MultusSource } from "../config/multus-source.ts";
import type { Progress } from "../core/ports.ts";
import type { EnsureImagesOptions } from "../images/ensure-images.ts";
import { obtainMultus, type MultusSupply } from "../images/obtain-multus.ts";
import { obtainWhereabouts, type WhereaboutsSupply } from "../images/obtain-whereabouts.ts";
import { putImage } from "../images/put-image.ts";
import type { Stack } from "../stack/stack.ts";

/** What a stack needs and the node image does not have. */
export interface Supplies {
  readonly multus: MultusSupply | undefined;
  readonly whereabouts: WhereaboutsSupply | undefined;
}

/** Gets it. @param options.multus another Multus than the stack's @throws PlumblineError of the room images */
export async function obtainSupplies(
  stack: Pick<Stack, "components" | "multus">,
  options: {
    readonly multus: MultusSource | undefined;
    readonly images: Pick<EnsureImagesOptions, "source" | "mirror">;
    readonly progress: Progress;
    readonly signal: AbortSignal;
  },
): Promise<Supplies> {
  const { multus, ...call } = options;
  const hasWhereabouts = stack.components.some(({ name }) => name === "whereabouts");
  return {
    multus: multus && (await obtainMultus(multus, { mode: stack.multus.mode, ...call })),
    whereabouts: hasWhereabouts ? await obtainWhereabouts(call) : undefined,
  };
}

/** Puts its images on the nodes. */
export async function putSupplies(
  { multus, whereabouts }: Supplies,
  nodes: RunningCluster["nodes"],
  signal: AbortSignal | undefined,
): Promise<void> {
  const images = [multus?.image, whereabouts?.image].filter((image) => image !== undefined);
  await Promise.all(
    nodes.map(async ({ name }) => {
      for (const image of images) await putImage(name, image, signal);
    }),
  );
}
