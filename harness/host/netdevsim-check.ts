import { existsSync } from "node:fs";
import { ok, warning, type CheckRecipe } from "./host-report.ts";

/** There once the kernel has the driver. It is the same in every container. */
export const NETDEVSIM_BUS = "/sys/bus/netdevsim";
export const LOAD_NETDEVSIM = "modprobe netdevsim";

export const netdevsimCheck: CheckRecipe = {
  id: "netdevsim",
  title: "netdevsim",
  why: "stacks with `-netdevsim` in their name have a function of that driver on each node, which upstream's sriov-cni needs",
  look: () =>
    Promise.resolve(
      existsSync(NETDEVSIM_BUS)
        ? ok("loaded")
        : warning("not loaded, or this kernel has none", { remedy: [LOAD_NETDEVSIM] }),
    ),
};
