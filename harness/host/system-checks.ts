import { existsSync } from "node:fs";
import { readFile, statfs } from "node:fs/promises";
import { totalmem, uptime } from "node:os";
import { homeDir } from "../core/state-dir.ts";
import { hasProgram } from "../process/run.ts";
import { hostLacksCapabilities } from "./capabilities.ts";
import { lookAtHugePages } from "./huge-pages.ts";
import { lacksPackages, missing, ok, warning, type CheckRecipe, type Finding } from "./host-report.ts";

const GIB = 1024 ** 3;
const MIN_NODE = { major: 20, minor: 19 };
const MIN_DISK_GIB = 25;
const MIN_MEMORY_GIB = 7;

export const systemChecks: readonly CheckRecipe[] = [
  {
    id: "system",
    title: "Operating system",
    why: "what is missing is installed as packages of Debian or Ubuntu; elsewhere it has to be brought by hand",
    look: lookAtSystem,
  },
  {
    id: "root",
    title: "Root",
    why: "network namespaces, Docker and sysctls are root's",
    look: async () =>
      process.getuid?.() === 0 ? ok("root") : missing("not root", { remedy: ["sudo --preserve-env=PATH,HOME -s"] }),
  },
  {
    id: "node-version",
    title: "Node.js",
    why: "older ones lack what the harness uses",
    look: async () => lookAtNode(process.versions.node),
  },
  {
    id: "capabilities",
    title: "Capabilities",
    why: "a privileged container asks for every capability; one that the host withholds makes it fail, unless its runtime is told",
    look: lookAtCapabilities,
  },
  {
    id: "iptables",
    title: "iptables",
    why: "dockerd sets up its networks with it",
    look: async () =>
      (await hasProgram("iptables")) ? ok("in PATH") : lacksPackages("no iptables in PATH", ["iptables"]),
  },
  {
    id: "inotify-instances",
    title: "inotify instances",
    why: "every node runs its own systemd, containerd and kubelet; with few instances the second node fails to start",
    look: () => lookAtSysctl("fs.inotify.max_user_instances", 1024),
  },
  {
    id: "inotify-watches",
    title: "inotify watches",
    why: "kubelet and containerd watch many files",
    look: () => lookAtSysctl("fs.inotify.max_user_watches", 131_072),
  },
  {
    id: "disk",
    title: "Free disk space",
    why: "images built from source, Go's caches and the nodes take it",
    look: lookAtDisk,
  },
  {
    id: "memory",
    title: "Memory",
    why: "a control plane takes 1 GiB, each node half of one, a Kubernetes build 3",
    look: lookAtMemory,
  },
  {
    id: "huge-pages",
    title: "Transparent huge pages",
    why: "on a virtual machine compilers take up to 60 % longer with small pages alone; nothing fails for it",
    look: lookAtHugePages,
  },
  {
    id: "cgroups",
    title: "cgroups",
    why: "from 1.35 on the kubelet refuses version 1 unless it is told otherwise",
    look: async () => (existsSync("/sys/fs/cgroup/cgroup.controllers") ? ok("version 2") : ok("version 1, or both")),
  },
];

async function lookAtSystem(): Promise<Finding> {
  const text = await readFile("/etc/os-release", "utf8").catch(() => "");
  const value = (key: string): string => new RegExp(`^${key}="?([^"\n]*)`, "m").exec(text)?.[1] ?? "";
  const seen = value("PRETTY_NAME") || process.platform;
  if (process.platform !== "linux") return missing(seen, { remedy: ["# use a Linux machine, or a virtual one"] });
  const family = `${value("ID")} ${value("ID_LIKE")}`.split(" ");
  return family.includes("debian") || family.includes("ubuntu") ? ok(seen) : warning(seen);
}

/** @param version of Node.js, e.g. `20.19.4` */
export function lookAtNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const enough = major > MIN_NODE.major || (major === MIN_NODE.major && minor >= MIN_NODE.minor);
  const remedy = ["# install Node.js 20.19 or later from your distribution, or with a version manager"];
  return enough ? ok(version) : missing(version, { remedy });
}

async function lookAtCapabilities(): Promise<Finding> {
  const lacks = await hostLacksCapabilities();
  return lacks.length === 0 ? ok("all that the kernel knows") : warning(`withheld: ${lacks.join(", ")}`);
}

async function lookAtSysctl(key: string, atLeast: number): Promise<Finding> {
  const text = await readFile(`/proc/sys/${key.replaceAll(".", "/")}`, "utf8").catch(() => "");
  const value = Number(text);
  if (text !== "" && value >= atLeast) return ok(String(value));
  return missing(text.trim() || "not readable", {
    fix: { kind: "sysctl", key, value: atLeast },
    remedy: [`sysctl -w ${key}=${atLeast}`],
  });
}

async function lookAtDisk(): Promise<Finding> {
  const fs = await statfs(homeDir("cache"));
  const free = (fs.bavail * fs.bsize) / GIB;
  const seen = `${free.toFixed(0)} GiB free at ${homeDir("cache")}`;
  return free >= MIN_DISK_GIB ? ok(seen) : warning(`${seen}; building images takes up to ${MIN_DISK_GIB}`);
}

async function lookAtMemory(): Promise<Finding> {
  const gib = totalmem() / GIB;
  const seen = `${gib.toFixed(1)} GiB, up ${(uptime() / 3600).toFixed(1)} h`;
  return gib >= MIN_MEMORY_GIB ? ok(seen) : warning(`${seen}; ${MIN_MEMORY_GIB} are advised`);
}
