import {
  customNetwork,
  POOL_A,
  resourceOf,
  type LiveNetwork,
  type NetworkDeclaration,
} from "../../harness/testkit/index.ts";

type Json = Readonly<Record<string, unknown>>;

/** Levels of the simulation by the plugin that attaches; sriov-cni stands for the second one where it is (S2). Where VFs are those of NICs (S3), the cluster's own does instead. */
export const S0 = "host-device";
export const S1 = "plumbline-sriov";
/** Either of them, or VFs of NICs. */
export const S0_OR_S3 = "sriov-s0|sriov-s3";
export const S1_TO_S3 = "sriov-s1|sriov-s2|sriov-s3";
/** What is asked of a VF can be read, of the simulation or of the kernel. */
export const S1_OR_S2 = "sriov-s1|sriov-s2";

const hostLocal = (live: LiveNetwork): Json => ({
  type: "host-local",
  ranges: [[{ subnet: live.range, rangeStart: live.address(10), rangeEnd: live.address(200) }]],
});

interface VfNetwork {
  readonly type: string;
  /** Further keys of that plugin's configuration. */
  readonly plugin?: (live: LiveNetwork) => Json;
  /** Plugins behind it. */
  readonly further?: readonly Json[];
  /** Default: the first pool. */
  readonly pool?: string;
}

/** A network that moves VFs of a pool into pods. */
export function vfNetwork(key: string, { type, plugin, further = [], pool = POOL_A }: VfNetwork): NetworkDeclaration {
  return customNetwork(
    key,
    (live) => {
      const { cniVersion, ...mover } = moverOf(live, type);
      return { cniVersion, plugins: [{ ...mover, ipam: hostLocal(live), ...plugin?.(live) }, ...further] };
    },
    { annotations: resourceOf(pool), onVfs: true },
  );
}

/** The plugin that moves VFs on this testbed, with the keys that it needs there. */
function moverOf({ vfSite, vfMover }: LiveNetwork, type: string): Json {
  if (vfSite) return { cniVersion: vfSite.cniVersion, type: vfSite.plugin, ...vfSite.keys };
  return { cniVersion: "1.0.0", type: type === S1 ? (vfMover ?? S1) : type };
}

/** A pod that its case makes, with one VF of the first pool. */
export const oneVf = { resources: { [POOL_A]: 1 }, byCase: true };
