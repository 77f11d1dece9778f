import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { FakeApiServer, json, refuse, type FakeRequest } from "../harness/kube/fake-api-server.test.ts";
import type { Finished } from "../harness/process/run.ts";
import { runCliIn } from "./run-cli.ts";

// A cluster that the user has brought and that does not do. The API server is played; what runs on its node is answered as
// the node's shell would.

const NODE = {
  metadata: { name: "mine", labels: { "kubernetes.io/os": "linux" } },
  status: {
    addresses: [{ type: "InternalIP", address: "192.0.2.10" }],
    conditions: [{ type: "Ready", status: "True" }],
    nodeInfo: { kubeletVersion: "v1.34.4", containerRuntimeVersion: "containerd://1.7.35" },
  },
};
const AGENT = {
  metadata: { name: "plumbline-agent-x", namespace: "plumbline-agent" },
  spec: { nodeName: "mine" },
  status: { containerStatuses: [{ ready: true }] },
};
const MULTUS =
  '{"name":"multus-cni-network","type":"multus-shim","clusterNetwork":"/host/etc/cni/net.d/10-flannel.conflist"}';
const FLANNEL = '{"name":"cbr0","cniVersion":"0.3.1","plugins":[{"type":"flannel"}]}';
const CALICO = '{"name":"k8s-pod-network","cniVersion":"0.3.1","plugins":[{"type":"calico"}]}';

const RESOURCES: Readonly<Record<string, readonly unknown[]>> = {
  "/apis/apps/v1": [{ name: "daemonsets", kind: "DaemonSet", namespaced: true }],
  "/apis/k8s.cni.cncf.io/v1": [
    { name: "network-attachment-definitions", kind: "NetworkAttachmentDefinition", namespaced: true },
  ],
};

const EXISTING = "run --cluster existing --kubeconfig kubeconfig --image any/agent:1 --case TD-001".split(" ");

interface Cluster {
  readonly forbids?: readonly string[];
  readonly nodes?: readonly unknown[];
  /** Files in /etc/cni/net.d of the node. */
  readonly confs?: Readonly<Record<string, string>>;
  /** Programs that the node lacks. */
  readonly lacks?: string;
  readonly agent?: unknown;
  /** The namespace of the agent is there already, of a run elsewhere. */
  readonly isTaken?: boolean;
}

interface Row {
  readonly title: string;
  readonly cluster?: Cluster;
  /** Text of the kubeconfig; default: that of the played server. */
  readonly kubeconfig?: string;
  readonly args?: readonly string[];
  /** Text of plumbline.yaml. */
  readonly config?: string;
  readonly exitCode: number;
  readonly code: string;
  readonly says: readonly string[];
  /** What was asked of the cluster before it was told, beside questions. Default: something, and its removal at the end. */
  readonly asked?: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    title: "a kubeconfig that is none",
    kubeconfig: "{{{",
    exitCode: 2,
    code: "PL_KUBECONFIG",
    says: ["cannot be read", "kubectl --kubeconfig"],
    asked: [],
  },
  {
    title: "a context that it does not have",
    args: ["--context", "lab"],
    exitCode: 2,
    code: "PL_KUBECONFIG",
    says: ['has no context "lab": it has fake'],
    asked: [],
  },
  {
    title: "a user without rights",
    cluster: { forbids: ["create daemonsets", "create pods/exec"] },
    exitCode: 2,
    code: "PL_KUBE_RIGHTS",
    says: ["may not create pods/exec, create daemonsets.apps", "ClusterRole"],
    asked: [],
  },
  {
    title: "a node that is not Ready",
    cluster: { nodes: [{ ...NODE, status: { conditions: [{ type: "Ready", status: "Unknown" }] } }] },
    exitCode: 2,
    code: "PL_NODE_NOT_READY",
    says: ["node mine is not Ready", "kubectl describe node mine"],
    asked: [],
  },
  {
    title: "a run on another host that works with it",
    cluster: { isTaken: true },
    exitCode: 2,
    code: "PL_CLUSTER_IN_USE",
    says: ["a run on elsewhere made it", "plumbline gc --kubeconfig"],
    asked: ["POST /api/v1/namespaces"],
  },
  {
    title: "an image that the nodes cannot pull",
    cluster: {
      agent: {
        ...AGENT,
        status: { containerStatuses: [{ state: { waiting: { reason: "ErrImagePull", message: "no such host" } } }] },
      },
    },
    exitCode: 3,
    code: "PL_AGENT",
    says: ["on mine: ErrImagePull: no such host", "cluster.image"],
  },
  {
    title: "a node without a tool",
    cluster: { lacks: "crictl" },
    exitCode: 2,
    code: "PL_NODE_TOOLS",
    says: ["node mine lacks crictl"],
  },
  {
    title: "no Multus in the cluster",
    cluster: { confs: { "10-flannel.conflist": FLANNEL } },
    exitCode: 2,
    code: "PL_NO_MULTUS",
    says: ["no Multus on node mine", "the runtime uses /etc/cni/net.d/10-flannel.conflist", "install Multus first"],
  },
  {
    title: "two default networks",
    cluster: { confs: { "00-multus.conf": MULTUS, "10-flannel.conflist": FLANNEL, "10-calico.conflist": CALICO } },
    exitCode: 2,
    code: "PL_TWO_DEFAULT_NETWORKS",
    says: ["k8s-pod-network (10-calico.conflist) and cbr0 (10-flannel.conflist)", "cluster.defaultNetwork: cbr0"],
  },
  {
    title: "a default network that is gone",
    cluster: { confs: { "00-multus.conf": MULTUS } },
    exitCode: 2,
    code: "PL_DEFAULT_NETWORK",
    says: ["/etc/cni/net.d/00-multus.conf names a network that is not there", "restart Multus"],
  },
  {
    title: "a pool of VFs that no node has",
    cluster: {
      confs: { "00-multus.conf": MULTUS, "10-flannel.conflist": FLANNEL },
      nodes: [{ ...NODE, status: { ...NODE.status, allocatable: { cpu: "8", "intel.com/other": "8" } } }],
    },
    config:
      "cluster:\n  provider: existing\n  kubeconfig: kubeconfig\n  sriov: { pools: [{ resource: intel.com/sriov }], ranges: [10.99.0.0/16] }\n",
    exitCode: 2,
    code: "PL_SRIOV_POOL",
    says: ["no node of the cluster has a device of intel.com/sriov to give", "nodes advertise mine: 8 intel.com/other"],
  },
];

describe("a cluster of the user's that does not do", () => {
  let home: string;
  let api: FakeApiServer;
  beforeEach(async () => {
    home = mkdtempSync(path.join(tmpdir(), "plumbline-existing-"));
    api = await FakeApiServer.start();
  });
  afterEach(async () => {
    await api.stop();
    rmSync(home, { recursive: true, force: true });
  });

  for (const row of ROWS) {
    it(row.title, async function () {
      this.timeout(120_000);
      play(api, row.cluster ?? {});
      const file = path.join(home, "kubeconfig");
      writeFileSync(file, row.kubeconfig ?? readFileSync(api.kubeconfigPath, "utf8"));
      if (row.config !== undefined) writeFileSync(path.join(home, "plumbline.yaml"), row.config);
      const done = await runCliIn(home, [...EXISTING, ...(row.args ?? [])]);
      expectOne(done, row);
      const made = api.requests.filter(isChange).map(({ method, path: at }) => `${method} ${at}`);
      if (row.asked) return void expect(made).to.deep.equal(row.asked);
      expect(made.at(-1), "what was made is removed").to.equal("DELETE /api/v1/namespaces/plumbline-agent");
    });
  }
});

describe("options of a cluster of the user's", () => {
  for (const [title, args, code, says] of [
    ["without a kubeconfig", ["--cluster", "existing"], "PL_CONFIG", "cluster.kubeconfig"],
    ["a kubeconfig for a cluster of kind", ["--kubeconfig", "k"], "PL_CONFIG", "provider existing"],
    [
      "what it is made of",
      ["--cluster", "existing", "--kubeconfig", "k", "--stack", "ptp-thin"],
      "PL_EXISTING_OPTIONS",
      "--stack",
    ],
    [
      "an interface without ranges",
      ["--cluster", "existing", "--kubeconfig", "k", "--master", "eth1"],
      "PL_CONFIG",
      "needs the key cluster.ranges",
    ],
    [
      "a range that is too small",
      ["--cluster", "existing", "--kubeconfig", "k", "--master", "eth1", "--range", "10.0.0.0/28"],
      "PL_CONFIG",
      "256 addresses",
    ],
  ] as const) {
    it(title, async function () {
      this.timeout(120_000);
      const home = mkdtempSync(path.join(tmpdir(), "plumbline-existing-"));
      try {
        const done = await runCliIn(home, ["run", ...args]);
        expectOne(done, { exitCode: 2, code, says: [says] });
      } finally {
        rmSync(home, { recursive: true, force: true });
      }
    });
  }
});

function expectOne({ exitCode, stderr }: Finished, row: Pick<Row, "exitCode" | "code" | "says">): void {
  const text = stderr.replaceAll(/\s+/g, " ");
  expect(exitCode, stderr).to.equal(row.exitCode);
  expect(text).to.contain(`[${row.code}]`);
  for (const words of row.says) expect(text).to.contain(words);
  expect(stderr).to.not.match(/^ +at /m);
}

/** Not a question about rights, which has to be a POST. */
function isChange({ method, path: at }: FakeRequest): boolean {
  return method !== "GET" && !at.includes("selfsubjectaccessreviews");
}

function play(api: FakeApiServer, cluster: Cluster): void {
  let isThere = false;
  let runId: string | undefined;
  const taken = {
    metadata: { name: "plumbline-agent", annotations: { "plumbline.dev/host": "elsewhere" } },
  };
  api.answer((request, response) => {
    const { method, path: at, body } = request;
    const known = RESOURCES[at];
    if (known) return json(response, 200, { resources: known });
    if (at.endsWith("selfsubjectaccessreviews"))
      return json(response, 200, { status: { allowed: isAllowed(body, cluster) } });
    if (at === "/api/v1/nodes") return json(response, 200, list(cluster.nodes ?? [NODE]));
    if (at === "/api/v1/namespaces/plumbline-agent" && method === "GET") {
      if (cluster.isTaken) return json(response, 200, taken);
      return isThere
        ? json(response, 200, { metadata: { name: "plumbline-agent", annotations: { "plumbline.dev/run": runId } } })
        : refuse(response, 404);
    }
    if (at === "/api/v1/namespaces" && method === "POST") {
      if (cluster.isTaken) return refuse(response, 409, { reason: "AlreadyExists" });
      isThere = true;
      runId = (JSON.parse(body) as { metadata: { annotations: Record<string, string> } }).metadata.annotations[
        "plumbline.dev/run"
      ];
      return json(response, 201, {});
    }
    if (at === "/api/v1/namespaces/plumbline-agent" && method === "DELETE") {
      isThere = false;
      return json(response, 200, {});
    }
    if (at === "/api/v1/namespaces")
      return json(response, 200, list(isThere || cluster.isTaken ? [{ metadata: { name: "plumbline-agent" } }] : []));
    if (at === "/api/v1/namespaces/plumbline-agent/pods") return json(response, 200, list([cluster.agent ?? AGENT]));
    if (method === "PATCH" || method === "DELETE") return json(response, 200, {});
    return json(response, 200, list([]));
  });
  api.upgrade((socket, { url = "" }) => {
    socket.send(1, said(new URL(url, "http://node").searchParams.getAll("command").join(" "), cluster));
    socket.exit(0);
  });
}

/** What the node's shell says. */
function said(command: string, { confs = {}, lacks }: Cluster): string {
  if (command.includes("base64")) {
    const lines = Object.entries(confs).map(([name, text]) => `${name} ${Buffer.from(text).toString("base64")}\n`);
    return lines.join("");
  }
  return command.includes("command -v") && command.includes("crictl") && lacks !== undefined ? `${lacks}\n` : "";
}

function isAllowed(body: string, { forbids = [] }: Cluster): boolean {
  const { spec } = JSON.parse(body) as {
    spec: { resourceAttributes: { verb: string; resource: string; subresource?: string } };
  };
  const { verb, resource, subresource } = spec.resourceAttributes;
  return !forbids.includes(`${verb} ${resource}${subresource === undefined ? "" : `/${subresource}`}`);
}

function list(items: readonly unknown[]): object {
  return { metadata: { resourceVersion: "1" }, items };
}
