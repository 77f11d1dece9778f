import { readFileSync } from "node:fs";
import { packageFile } from "../core/package-root.ts";
import type { Subject } from "../core/subject.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import type { StackContext } from "./component.ts";
import type { VfSetup } from "./vf-pools.ts";

/** What gives the simulated VFs of a node out: a DaemonSet that the kubelet knows. */
export interface DevicePlugin {
  /** Whether it is the project's own, which does as its control file says. */
  readonly isOurs: boolean;
  /** Images of fixtures/images that it runs on every node. */
  readonly images: readonly string[];
  readonly daemonSet: { readonly namespace: string; readonly name: string };
  /** What a node needs of its own, before its VFs are made. */
  prepare?(node: NodeTransport, context: StackContext): Promise<void>;
  install(context: StackContext, setup: VfSetup): Promise<void>;
  /** What is told of it beside the simulation. */
  subjects(context: StackContext): Promise<readonly Subject[]>;
  remove(context: StackContext): Promise<void>;
}

/** Where the units of the simulation lie on a node. */
export const SIMVF_UNIT_DIR = "/etc/systemd/system";

/** The text of a file in fixtures/simvf. */
export function readSimvfFixture(file: string): string {
  return readFileSync(packageFile("fixtures", "simvf", file), "utf8");
}
