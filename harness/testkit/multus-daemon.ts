import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { MULTUS_DAEMON_CONFIG, MULTUS_PODS } from "../cluster/multus-objects.ts";
import { Deadline } from "../core/deadline.ts";
import { harnessError } from "../core/errors.ts";
import { until } from "../core/until.ts";
import type { KubeObject } from "../kube/client.ts";
import { isReady } from "../kube/is-ready.ts";
import { CNI_BIN_DIR, CNI_CONF_DIR } from "../nodes/cni-folders.ts";
import type { CaseNode } from "./case-node.ts";
import type { CaseKube } from "./define.ts";

const FILE = "daemon-config.json";
const SOCKET = "/run/multus/multus.sock";

const RESTART_MS = 60_000;
/** What rolls out the daemon puts the shim there anew; what lay there, a fault's wrapper perhaps, is to stay. */
const KEEP = 'cp -p "$1" "$1.plumbline-kept"';
const PUT_BACK = 'if [ -e "$1.plumbline-kept" ]; then mv -f "$1.plumbline-kept" "$1"; fi';
const SHIM = `${CNI_BIN_DIR}/multus-shim`;

/** Keys of the daemon's configuration. */
export type DaemonKeys = Readonly<Record<string, unknown>>;

const daemons = new WeakMap<CaseNode, MultusDaemon>();

/**
 * The thick daemon of one node. Cases may have it run with another configuration; with the batch it is put back. A case
 * that does so disturbs the cluster.
 */
export class MultusDaemon {
  readonly #node: CaseNode;
  readonly #kube: CaseKube;
  /** What it runs with besides its configuration. */
  #keys: DaemonKeys = {};

  private constructor(node: CaseNode, kube: CaseKube) {
    this.#node = node;
    this.#kube = kube;
  }

  static of(node: CaseNode, kube: CaseKube): MultusDaemon {
    const daemon = daemons.get(node) ?? new MultusDaemon(node, kube);
    daemons.set(node, daemon);
    return daemon;
  }

  /** Has it run with these keys over its configuration. It is restarted only if it does not yet. */
  async runWith(keys: DaemonKeys): Promise<void> {
    if (isDeepStrictEqual(keys, this.#keys)) return;
    if (isDeepStrictEqual(this.#keys, {}) && (await this.#hasAlready(keys))) return;
    if (isDeepStrictEqual(this.#keys, {})) this.#node.atEnd(() => this.#restart({}));
    await this.#restart(keys);
  }

  /** In stacks that configure it so. */
  async #hasAlready(keys: DaemonKeys): Promise<boolean> {
    const plain = await daemonConfiguration(this.#kube);
    return Object.entries(keys).every(([key, value]) => isDeepStrictEqual(plain[key], value));
  }

  async #restart(keys: DaemonKeys): Promise<void> {
    const [old] = await this.#pods();
    if (!old) throw harnessError("PL_NO_DAEMON", `no daemon of Multus runs on ${this.#node.name}`);
    // put back as it was written, since it may be a user's
    const plain = await writtenConfiguration(this.#kube);
    await this.#node.shell(KEEP, SHIM);
    try {
      await this.#write(JSON.stringify({ ...parsed(plain), ...keys }, null, 2));
      const { apiVersion, kind, namespace } = MULTUS_PODS;
      await this.#kube.delete({ apiVersion, kind, namespace, name: old.metadata.name });
      await this.#successorOf(old);
    } finally {
      // it is read once, at the start: the daemons of other nodes never see it
      await this.#write(plain);
      await this.#node.shell(PUT_BACK, SHIM);
    }
    this.#keys = keys;
  }

  async #successorOf(old: KubeObject): Promise<void> {
    const deadline = Deadline.in(RESTART_MS);
    const what = `another daemon of Multus on ${this.#node.name}`;
    await until(async () => (await this.#pods()).filter((pod) => pod.metadata.uid !== old.metadata.uid), {
      what,
      deadline,
      done: (pods) => pods.some(isReady),
      describe: (pods) => pods.map(({ metadata: { name }, status }) => ({ name, is: status?.["containerStatuses"] })),
    });
    const argv = ["curl", "-sf", "-o", "/dev/null", "--unix-socket", SOCKET, "http://multus/healthz"];
    const written = ["sh", "-c", `test -s ${CNI_CONF_DIR}/00-multus.conf`];
    await until(async () => (await this.#succeeds(argv)) && (await this.#succeeds(written)), { what, deadline });
  }

  async #succeeds(argv: readonly string[]): Promise<boolean> {
    return (await this.#node.exec(argv)).exitCode === 0;
  }

  async #pods(): Promise<readonly KubeObject[]> {
    const fieldSelector = `spec.nodeName=${this.#node.name}`;
    return this.#kube.list({ ...MULTUS_PODS, fieldSelector });
  }

  async #write(text: string): Promise<void> {
    await this.#kube.patch(MULTUS_DAEMON_CONFIG, { data: { [FILE]: text } }, { type: "merge" });
  }
}

/** What the daemons of the cluster are configured with. */
export async function daemonConfiguration(kube: CaseKube): Promise<DaemonKeys> {
  return parsed(await writtenConfiguration(kube));
}

/** The same as it stands in its ConfigMap, to the letter. */
async function writtenConfiguration(kube: CaseKube): Promise<string> {
  const map = await kube.get(MULTUS_DAEMON_CONFIG);
  const { data } = z.looseObject({ data: z.looseObject({ [FILE]: z.string() }) }).parse(map);
  return data[FILE] ?? "";
}

function parsed(text: string): DaemonKeys {
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
}
