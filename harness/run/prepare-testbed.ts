import type { Progress } from "../core/ports.ts";
import type { Scope } from "../core/scope.ts";
import type { Subject } from "../core/subject.ts";
import { loadDeviations } from "../plan/deviations.ts";
import { citeDeviations } from "../results/describe-plan.ts";
import type { StackFacts } from "../results/run-facts.ts";
import type { LaneTestbed } from "./lane-protocol.ts";
import type { RunJournal } from "./run-journal.ts";
import type { RunRequest } from "./run-request.ts";
import { openExisting } from "./open-existing.ts";
import { openTestbed, type Testbed } from "./testbed.ts";
import type { TestbedOptions } from "./testbed-options.ts";

export interface PreparedTestbed extends Testbed {
  /** Reads what the testbed is made of, and tells the record; to be called once. On one that stood it takes longer than the rest. */
  readonly describe: () => Promise<StackFacts>;
}

/** Opens the testbed. */
export async function prepareTestbed(options: {
  readonly request: RunRequest;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly scope: Scope;
  readonly journal: RunJournal;
  readonly runId: string;
  /** The plugin under test. */
  readonly plugin: Subject | undefined;
  /** As of the testbed. */
  readonly onNodesStarted: TestbedOptions["onNodesStarted"];
  readonly onNodesRun: NonNullable<TestbedOptions["onNodesRun"]>;
}): Promise<PreparedTestbed> {
  const { request, progress, signal, scope } = options;
  const testbed = request.existing
    ? await openExisting(request.existing, { images: request.images, runId: options.runId, progress, signal, scope })
    : await openTestbed({
        stack: request.stack,
        multus: request.multus,
        cniVersion: request.cniVersion,
        multusSettings: request.multusSettings,
        name: request.clusterName,
        workers: request.workers,
        ipFamily: request.ipFamily,
        images: request.images,
        reuse: request.reuse,
        keep: request.keep,
        keptFor: request.keptFor,
        progress,
        signal,
        scope,
        onNodesStarted: options.onNodesStarted,
        onNodesRun: options.onNodesRun,
        pluginName: request.plugin?.name,
      });
  return { ...testbed, describe: () => describe(testbed, options) };
}

async function describe(
  testbed: Testbed,
  { plugin, request, journal }: { plugin: Subject | undefined; request: RunRequest; journal: RunJournal },
): Promise<StackFacts> {
  const read = await testbed.subjects();
  const subjects = plugin ? [plugin, ...read] : read;
  for (const subject of subjects) journal.write({ type: "subject", subject });
  const facts: StackFacts = {
    versions: Object.fromEntries(subjects.filter(isJudged(request)).map(({ name, version }) => [name, version])),
    mode: testbed.stack.multus.mode,
    defaultNetwork: testbed.stack.defaultNetwork,
    cniVersion: testbed.stack.cniVersion,
  };
  journal.write({
    type: "testbed",
    cluster: testbed.cluster.spec.name,
    nodes: testbed.cluster.nodes.map((node) => node.name),
    features: testbed.features.map((feature) => ({ ...feature })),
    reused: !testbed.cluster.created,
    facts,
    deviations: citeDeviations(loadDeviations(), facts),
  });
  return facts;
}

/** What is known of the reference plugins excuses nobody else's plugin, whatever it is called. */
function isJudged({ plugin }: RunRequest): (subject: Subject) => boolean {
  return ({ name }) => plugin === undefined || name !== "reference-plugins";
}

/** The testbed as data for lanes. */
export function laneTestbed(testbed: Testbed): LaneTestbed {
  const { cluster } = testbed;
  return {
    kubeconfigPath: cluster.kubeconfigPath,
    hasApi: true,
    nodes: cluster.nodes.map(({ name, role }) => ({ name, role })),
    podRanges: cluster.nodes.flatMap((node) => node.podCidrs),
    clusterNetwork: testbed.stack.clusterNetworkName,
    testImage: testbed.testImage,
    masterInterface: testbed.uplink,
    features: testbed.features,
    context: testbed.context,
    access: testbed.access,
    peer: testbed.peer,
    reservedRanges: testbed.reservedRanges,
    linkRanges: testbed.linkRanges,
    vfSite: testbed.vfSite,
  };
}
