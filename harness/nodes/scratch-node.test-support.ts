import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { homeDir } from "../core/state-dir.ts";
import { packageFile } from "../core/package-root.ts";
import { run } from "../process/run.ts";
import { localTransport } from "./local-transport.ts";
import { readNodeState } from "./read-state.ts";
import type { NodeState, StatePart } from "./state.ts";

const TIMEOUT_MS = 60_000;

/** Builds one of our programs from source; Go's own cache makes the second time cheap. @returns its path */
export async function buildProgram(name: "agent" | "invoker"): Promise<string> {
  const binary = path.join(homeDir("cache", "test-programs"), name);
  await run("go", ["build", "-trimpath", "-o", binary, `./cmd/${name}`], {
    cwd: packageFile("programs"),
    env: { CGO_ENABLED: "0" },
    timeoutMs: 300_000,
  });
  return binary;
}

const ALL_PARTS: readonly StatePart[] = [
  "links",
  "routes",
  "neighbours",
  "rules",
  "nft",
  "iptables",
  "tc",
  "bridge",
  "sysctls",
  "namespaces",
  "files",
];

/** A network namespace and a folder that stand for a node. Nothing of the host is touched. */
export class ScratchNode {
  readonly #agent: string;
  readonly #dir: string;
  readonly #mounted: string[] = [];

  private constructor(agent: string, dir: string) {
    this.#agent = agent;
    this.#dir = dir;
  }

  static async create(agent: string): Promise<ScratchNode> {
    const node = new ScratchNode(agent, mkdtempSync(path.join(tmpdir(), "plumbline-node-")));
    mkdirSync(node.root);
    mkdirSync(path.join(node.#dir, "netns"));
    await node.#makeNamespace(node.#own);
    await node.script(["ip link set lo up"]);
    return node;
  }

  /** Stands for `/` where files are read. */
  get root(): string {
    return path.join(this.#dir, "root");
  }

  get #own(): string {
    return path.join(this.#dir, "own");
  }

  /** Path of a named namespace of this node. */
  namespacePath(name: string): string {
    return path.join(this.#dir, "netns", name);
  }

  async #makeNamespace(file: string): Promise<void> {
    writeFileSync(file, "");
    await run("unshare", [`--net=${file}`, "true"], { timeoutMs: TIMEOUT_MS });
    this.#mounted.push(file);
  }

  /** Lines of shell that make a named namespace, for `script`. */
  addNamespaceLines(name: string): readonly string[] {
    const file = this.namespacePath(name);
    this.#mounted.push(file);
    return [`: > ${file}`, `unshare --net=${file} true`];
  }

  deleteNamespaceLines(name: string): readonly string[] {
    const file = this.namespacePath(name);
    return [`umount ${file}`, `rm ${file}`];
  }

  /** Runs lines of shell in the node's namespace; the first failing one ends it. */
  async script(lines: readonly string[]): Promise<string> {
    const shell = ["sh", "-euc", `export R=${this.root}\n${lines.join("\n")}`];
    const { stdout } = await localTransport({ prefix: ["nsenter", `--net=${this.#own}`] }).exec(shell, {
      timeoutMs: TIMEOUT_MS,
    });
    return stdout;
  }

  read(parts: readonly StatePart[] = ALL_PARTS): Promise<NodeState> {
    return readNodeState(localTransport({ node: "scratch", prefix: ["nsenter", `--net=${this.#own}`] }), {
      timeoutMs: TIMEOUT_MS,
      agentPath: this.#agent,
      agentArgs: ["--netns-dir", path.join(this.#dir, "netns"), "--root", this.root],
      parts,
    });
  }

  async remove(): Promise<void> {
    for (const file of this.#mounted) await run("umount", [file], { timeoutMs: TIMEOUT_MS, okExitCodes: "any" });
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
