import { existsSync } from "node:fs";
import { hostError } from "../core/errors.ts";
import { dockerSocket } from "../docker/docker-socket.ts";
import { LOAD_NETDEVSIM, NETDEVSIM_BUS } from "../host/netdevsim-check.ts";

/**
 * Before anything is made for a stack that needs the driver. Where Docker is not this host's own, a node tells instead.
 * @throws PlumblineError PL_NETDEVSIM (host)
 */
export async function requireNetdevsim(stack: string): Promise<void> {
  if (existsSync(NETDEVSIM_BUS) || (await dockerSocket()) === undefined) return;
  throw hostError(
    "PL_NETDEVSIM",
    `the stack ${stack} needs the kernel's driver netdevsim, and there is no ${NETDEVSIM_BUS}`,
    {
      hint: `load it (${LOAD_NETDEVSIM}) where the kernel has it, or take the stack without \`-netdevsim\` in its name, whose function is made of veth`,
    },
  );
}
