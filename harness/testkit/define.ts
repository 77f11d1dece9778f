import type { PluginRole } from "../config/plugin-schema.ts";
import type { KubeClient } from "../kube/client.ts";
import type { NetworkDeclaration } from "./declare-network.ts";
import type { PodDeclaration } from "./declare-pod.ts";
import type { CaseNetwork } from "./case-network.ts";
import type { CaseNode } from "./case-node.ts";
import type { AskedPlugins } from "./asked-plugins.ts";
import type { TestPod } from "./test-pod.ts";

/** Where a case runs; see the catalogue of behaviours. */
export type Layer = "L0" | "L1" | "L2" | "L3";

/** What a case must not share with others while it runs. */
export type Disturbs = "nothing" | "node" | "cluster";

type Pods = Readonly<Record<string, PodDeclaration>>;
type Networks = Readonly<Record<string, NetworkDeclaration>>;

export interface CaseDefinition<P extends Pods = Pods, N extends Networks = Networks> {
  /** Stable id of the behaviour, e.g. `ATT-003`. */
  readonly id: string;
  /** Raised when what the case demands changes; results of different revisions are not compared. */
  readonly revision: number;
  readonly title: string;
  readonly layer: Layer;
  /** Whether a release must pass it to conform. Default: core. */
  readonly level?: "core" | "extended";
  /** Ids in fixtures/clauses. */
  readonly clauses: readonly string[];
  /** Ids in fixtures/faults: each must make this case fail. */
  readonly faults: readonly string[];
  /** Features of the testbed without which the case is skipped. */
  readonly needs?: readonly string[];
  readonly disturbs?: Disturbs;
  /**
   * Which kinds of plugins it asks; where the one under test is of another kind, the case is skipped. Default: any kind,
   * by networks that it may take the place of, or none.
   */
  readonly asks?: readonly PluginRole[];
  /** Pods that the case uses. A declaration that several cases name is created once. */
  readonly pods: P;
  /** Networks that the case itself works with, beside those of its pods. */
  readonly networks?: N;
}

export interface CaseContext<P extends Pods, N extends Networks = Networks> {
  readonly pods: { readonly [K in keyof P]: TestPod };
  readonly networks: { readonly [K in keyof N]: CaseNetwork };
  /** The nodes that pods of cases are put on. */
  readonly nodes: readonly CaseNode[];
  /** Nodes that are not among these: pods lie there if they are to lie apart. */
  readonly otherNodes: readonly CaseNode[];
  /** Somebody on the link of the nodes who is no node, until the batch ends. A case that asks needs `outside-peer`. */
  readonly outsidePeer: () => Promise<CaseNode>;
  /** The plugins that a case about plugins asks. */
  readonly plugins: AskedPlugins;
  /**
   * One thing that the clause demands. `assertion` is its stable name (`one-default-route`); deviations and faults refer
   * to it as `CASE/assertion`. A Chai assertion that throws inside is the subject's failure; anything else is an error.
   */
  readonly claim: (assertion: string, check: () => void | Promise<void>) => Promise<void>;
  /** Repeats a check, as inside a claim, until it holds; when the bound has passed, what it threw last is thrown. */
  readonly eventually: (check: () => void | Promise<void>, options?: { readonly timeoutMs?: number }) => Promise<void>;
  /** The Kubernetes API. */
  readonly kube: CaseKube;
}

/** What of the API client cases use. */
export type CaseKube = Pick<KubeClient, "get" | "list" | "patch" | "apply" | "delete" | "waitFor" | "events">;

export interface RegisteredCase {
  readonly definition: CaseDefinition;
  readonly body: (context: CaseContext<Record<string, PodDeclaration>>) => Promise<void>;
}

export interface RegisteredSuite {
  readonly title: string;
  readonly cases: readonly RegisteredCase[];
}

// Suites register themselves on import. The list hangs on globalThis because a suite of a user may load its own copy of
// this module.
const registryKey = Symbol.for("plumbline.suites");
type Holder = { [registryKey]?: RegisteredSuite[] };

function registry(): RegisteredSuite[] {
  return ((globalThis as Holder)[registryKey] ??= []);
}

let open: RegisteredCase[] | undefined;

/** Groups cases whose pods are created in one batch. One suite a file. */
export function suite(title: string, define: () => void): void {
  open = [];
  try {
    define();
    registry().push({ title, cases: open });
  } finally {
    open = undefined;
  }
}

/** Declares one case: one behaviour, one Mocha test. */
export function testCase<P extends Pods, N extends Networks = Networks>(
  definition: CaseDefinition<P, N>,
  body: (context: CaseContext<P, N>) => Promise<void>,
): void {
  if (!open) throw new Error(`testCase(${definition.id}) stands outside suite()`);
  open.push({ definition, body: body as unknown as RegisteredCase["body"] });
}

/** The suites registered by what `load` imports. */
export async function suitesOf(load: () => Promise<unknown>): Promise<readonly RegisteredSuite[]> {
  const before = registry().length;
  await load();
  return registry().splice(before);
}
