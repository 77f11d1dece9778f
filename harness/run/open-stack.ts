import { removeLeftNamespaces } from "../cluster/case-namespaces.ts";
import { Deadline } from "../core/deadline.ts";
import type { Subject } from "../core/subject.ts";
import { removePlugins } from "../nodes/place-plugin.ts";
import { placeRecorder } from "../nodes/place-recorder.ts";
import { placeScriptedPlugin } from "../nodes/plugin-calls.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { changeMultus } from "../stack/change-multus.ts";
import { requireChosen } from "../stack/chosen-network.ts";
import type { StackContext } from "../stack/component.ts";
import { componentsReady, installStack, proveStack } from "../stack/install-stack.ts";
import { stackSubjects } from "../stack/stack-subjects.ts";
import type { Stack } from "../stack/stack.ts";
import { devicePluginFeature } from "./device-plugin-feature.ts";
import { detectFeatures, type Feature } from "./detect-features.ts";
import { multusFeatures } from "./multus-features.ts";
import { findUplink } from "./find-uplink.ts";
import { LedgerWatch } from "./ledger-watch.ts";
import { policyFeature } from "./policy-feature.ts";
import { sriovFeatures } from "./sriov-features.ts";
import { stackFeatures } from "./stack-features.ts";
import { putSupplies, type Supplies } from "./supplies.ts";
import { whereaboutsFeature } from "./whereabouts-feature.ts";

const STACK_MS = 300_000;

interface StackParts extends StackContext {
  readonly stack: Stack;
  readonly supplies: Supplies;
  /** Nodes that pods of cases are put on. */
  readonly forPods: readonly NodeTransport[];
  readonly pluginName: string | undefined;
  /** What is asked of the nodes before their cluster stands. */
  readonly nodesAsked: Promise<void> | undefined;
}

interface OpenedStack {
  /** On a cluster that was found as it should be they are read while cases run. */
  readonly subjects: () => Promise<readonly Subject[]>;
  readonly features: readonly Feature[];
  readonly uplink: string;
  readonly ledger: LedgerWatch;
  readonly cleared: Promise<void>;
}

/**
 * Installs the stack on a new cluster, or changes Multus on one that was found, and proves it by a pod. A cluster that was
 * found as it should be has been proven when it was made; its components are looked at, and whether pods still work is
 * seen by those of the cases.
 */
export async function openStack({
  stack,
  supplies,
  forPods,
  pluginName,
  nodesAsked,
  ...context
}: StackParts): Promise<OpenedStack> {
  const { created, stackBefore, nodes } = context.cluster;
  const isNew = created || stackBefore !== undefined;
  if (isNew) await putSupplies(supplies, nodes, context.signal);
  // gigabytes of images take what they take, on a bound of their own
  const deadline = Deadline.in(STACK_MS);
  const lookAtNodes = () =>
    Promise.all([
      detectFeatures(forPods, context.signal),
      findUplink(forPods, context.cluster.nodes, context.signal),
    ] as const);
  // nothing is installed on a cluster that is as it should be: its nodes can be looked at meanwhile
  const early = isNew ? undefined : lookAtNodes();
  early?.catch(() => undefined); // told below, unless something else fails first
  const { kube, phase, signal } = context;
  if (!created) {
    const left = await removeLeftNamespaces(kube, deadline);
    if (left.length > 0) phase.update(`removed what a run had left that was cut off: ${left.join(", ")}`);
  }
  const withoutPlugins = () =>
    Promise.all(context.nodes.map((node) => removePlugins(node, { except: pluginName, signal })));
  if (created) {
    await Promise.all([installStack(stack, context), ...context.nodes.map((node) => placeScriptedPlugin(node))]);
  } else if (stackBefore !== undefined) {
    await withoutPlugins();
    await changeMultus(stack, context, deadline);
  }
  await Promise.all([
    componentsReady(stack, context, deadline).then(() => requireChosen(stack, context, deadline)),
    isNew ? undefined : withoutPlugins(),
  ]);
  // what it made on the nodes is gone by then, so that it is no part of their state
  await nodesAsked;
  // Multus' own binary is there only now, and a rollout may have replaced it since the last run
  await Promise.all(context.nodes.map((node) => placeRecorder(node, { signal })));
  const read = isNew ? stackSubjects(stack, context) : undefined;
  const [[features, uplink], ofMultus, policy, sriov, whereabouts, control, proven] = await Promise.all([
    early ?? lookAtNodes(),
    multusFeatures(context.kube, forPods, { signal }),
    policyFeature(stack.defaultNetwork, forPods, signal),
    sriovFeatures(context.kube, forPods, signal),
    whereaboutsFeature(context.kube, forPods, signal),
    devicePluginFeature(context.kube, signal),
    // what was waited for meanwhile has its own bounds
    firstPods(context, { isNew, deadline: nodesAsked ? Deadline.in(STACK_MS) : deadline }),
    read,
  ]);
  // Whole binaries are read for their digests: on a cluster that stands, while its first pods come up. An interrupt does
  // not end that: what has failed by then is called by the versions that are read.
  const subjects = (): Promise<readonly Subject[]> => read ?? stackSubjects(stack, { ...context, signal: undefined });
  const all = [...features, ...stackFeatures(stack, context), ...ofMultus, policy, ...sriov, whereabouts, control];
  return { subjects, features: all, uplink, ...proven };
}

async function firstPods(
  context: StackContext,
  { isNew, deadline }: { readonly isNew: boolean; readonly deadline: Deadline },
): Promise<Pick<OpenedStack, "ledger" | "cleared">> {
  const ledger = await LedgerWatch.start(context.nodes);
  const proven = isNew ? await proveStack(context, deadline) : undefined;
  return { ledger, cleared: proven?.cleared ?? Promise.resolve() };
}
