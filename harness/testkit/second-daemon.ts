import { harnessError } from "../core/errors.ts";
import type { CaseNode, Said } from "./case-node.ts";
import type { CaseKube } from "./define.ts";
import { daemonConfiguration, type DaemonKeys } from "./multus-daemon.ts";

/** Longer than a case needs it. */
const MOST_SECONDS = 120;
/** The daemon, as its container has it. */
const PROGRAM = "/usr/src/multus-cni/bin/multus-daemon";
/**
 * Runs `$1` with the configuration `$2` in the container of the node's daemon, `$3` seconds at most. The bound stands
 * inside, where it holds also when whoever asked is gone.
 */
const RUN_IN_DAEMON =
  'exec crictl exec "$(crictl ps -q --name "^kube-multus$" --state Running)" timeout "$3" "$1" -config "$2"';
/** `/run` of the node, as the daemon's container has it. @source multus-cni v4.3.0, deployments/multus-daemonset-thick.yml */
const HOST = "/host";
const WRITTEN = "00-multus.conf";

let opened = 0;

/** What became of the daemon: it runs, it ended and said so, or the connection to it broke. */
interface Running {
  readonly ended: Promise<void>;
  said?: Said;
  broke?: unknown;
}

/**
 * A thick daemon beside the node's own, in the same container and with the same configuration but for its folder: it takes
 * its cluster network from there, and writes what it makes of it there, so nobody else hears of it.
 */
export class SecondDaemon {
  readonly #node: CaseNode;
  readonly #kube: CaseKube;
  readonly #folder: string;
  #running: Running | undefined;

  private constructor(node: CaseNode, kube: CaseKube) {
    this.#node = node;
    this.#kube = kube;
    this.#folder = `/run/plumbline-daemon-${process.pid}-${++opened}`;
  }

  /** Makes its folder. It is ended, and the folder removed, with the batch, if not before. */
  static async open(node: CaseNode, kube: CaseKube): Promise<SecondDaemon> {
    const daemon = new SecondDaemon(node, kube);
    await node.exec(["mkdir", "-p", daemon.#folder]);
    node.atEnd(() => daemon.close());
    return daemon;
  }

  /** A file of its folder, as the node has it. */
  file(name: string): string {
    return `${this.#folder}/${name}`;
  }

  /** Starts it with these keys over the configuration of the node's own. Files are named as its container has them. */
  async start(keys: (inContainer: (name: string) => string) => DaemonKeys): Promise<void> {
    const inContainer = (name: string): string => `${HOST}${this.file(name)}`;
    const folder = `${HOST}${this.#folder}`;
    const own = { cniConfigDir: folder, multusAutoconfigDir: folder, socketDir: inContainer("socket") };
    const config = { ...(await daemonConfiguration(this.#kube)), ...own, ...keys(inContainer) };
    await this.#node.writeFile(this.file("daemon.json"), JSON.stringify(config));
    const argv = ["sh", "-euc", RUN_IN_DAEMON, "sh", PROGRAM, inContainer("daemon.json"), String(MOST_SECONDS)];
    const asked = this.#node.exec(argv, { timeoutMs: (MOST_SECONDS + 10) * 1_000 });
    const running: Running = {
      ended: asked.then(
        (said) => {
          running.said = said;
        },
        (error: unknown) => {
          running.broke = error; // told by whoever asks what it said
        },
      ),
    };
    this.#running = running;
  }

  /** The configuration for the runtime that it has written; undefined if there is none. */
  async written(): Promise<string | undefined> {
    const { exitCode, stdout } = await this.#node.exec(["cat", this.file(WRITTEN)]);
    return exitCode === 0 ? stdout : undefined;
  }

  /**
   * What it said when it ended; undefined as long as it runs.
   * @throws PlumblineError PL_NODE_EXEC (harness) if the node's answer never came
   */
  get said(): Said | undefined {
    if (this.#running?.broke !== undefined) throw this.#running.broke;
    return this.#running?.said;
  }

  async close(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (running && !running.said) {
      // by the path of its configuration, which only it, its bound and its client have on their command lines
      await this.#node.exec(["pkill", "-f", `${this.#folder}/daemon[.]json`]);
      await running.ended;
    }
    const { exitCode, stderr } = await this.#node.exec(["rm", "-rf", this.#folder]);
    if (exitCode !== 0) throw harnessError("PL_NODE_EXEC", `${this.#folder} on ${this.#node.name}: ${stderr}`);
  }
}
