import { until } from "../core/until.ts";
import type { ModuleContents } from "../images/obtain-module.ts";
import type { Component } from "./component.ts";
import { rolledOut } from "./daemon-set.ts";
import { moduleComponent, type ModuleOptions } from "./module-component.ts";
import { policyEnforcers } from "./policy-enforcers.ts";

/** What it is installed from. @source kube-router docs/kubeadm.md */
export const KUBE_ROUTER: ModuleContents = {
  name: "kube-router",
  title: "kube-router",
  manifests: ["daemonset/kubeadm-kuberouter.yaml"],
};

const DAEMON_SET = { namespace: "kube-system", name: "kube-router" } as const;
const PROBE_MS = 10_000;

/** kube-router as what enforces NetworkPolicy, and nothing else, on a default network that does not. */
export function kubeRouter(options: ModuleOptions): Component {
  const ready: Component["ready"] = async (context, deadline) => {
    const { nodes, signal } = context;
    await rolledOut(context, DAEMON_SET, deadline);
    // its pods have no readiness probe: they count as available before they have written a rule
    const probe = policyEnforcers()["kube-router"]?.probe ?? "false";
    await Promise.all(
      nodes.map(async (node) =>
        until(() => node.exec(["sh", "-c", probe], { timeoutMs: PROBE_MS, okExitCodes: "any", signal }), {
          what: `the rules of kube-router on ${node.node}`,
          done: ({ exitCode }) => exitCode === 0,
          deadline,
          intervalMs: 200,
          signal,
          code: "PL_STACK_READY",
        }),
      ),
    );
  };
  return moduleComponent({ contents: KUBE_ROUTER, daemonSet: DAEMON_SET, plugins: [], ready }, options);
}
