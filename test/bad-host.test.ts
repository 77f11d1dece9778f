import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { hostAdaptations } from "../harness/cluster/create-cluster.ts";
import { specDigest } from "../harness/cluster/cluster-record.ts";
import { loadRecipes, recipeOf } from "../harness/images/recipe.ts";
import { FakeApiServer, json, refuse } from "../harness/kube/fake-api-server.test.ts";
import { hasProgram, type Finished } from "../harness/process/run.ts";
import { FAKE_IMAGE_ID, FAKE_STARTED_AT, startFakeEngine, type FakeContainer, type FakeDocker } from "./fake-engine.ts";
import { runCli, runCliIn } from "./run-cli.ts";

// A real Docker cannot be made to fail so without harm to the host. The client is the real one; the daemon, kind and Go are
// played, with the words of the real ones.

const KIND_LABEL = "io.x-k8s.kind.cluster";
const REFUSED =
  "privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode";
const PORT_TAKEN = `ERROR: failed to create cluster: command "docker run --name lab-control-plane" failed with error: exit status 125
Command Output: docker: Error response from daemon: driver failed programming external connectivity on endpoint lab-control-plane (0a1b): Bind for 127.0.0.1:41731 failed: port is already allocated.`;
const NO_SPACE = `ERROR: failed to create cluster: command "docker run --name lab-worker" failed with error: exit status 125
Command Output: docker: Error response from daemon: mkdir /var/lib/docker/overlay2/x: no space left on device.`;

const SRIOVDP = "ghcr.io/k8snetworkplumbingwg/sriov-network-device-plugin";

/** Labels of a node image that has all that a cluster needs. */
const NODE_IMAGE = {
  "plumbline.contents": "[]",
  "plumbline.images": JSON.stringify([
    {
      name: "test",
      ref: "plumbline/test:1",
      id: FAKE_IMAGE_ID,
      subject: { name: "test", version: "1", origin: "own", source: "programs/", digest: "", changes: [] },
      contents: [],
    },
  ]),
};

/** A kind cluster that somebody else has made. */
const FOREIGN: FakeContainer = {
  id: "a".repeat(64),
  name: "lab-control-plane",
  labels: { [KIND_LABEL]: "lab", "io.x-k8s.kind.role": "control-plane" },
  network: "kind",
};

describe("a host that does not do", () => {
  let home: string;
  let kindVersion: string;
  const undo: (() => Promise<void>)[] = [];

  before(async function () {
    this.timeout(180_000);
    // the daemon is played, its client is not
    if (!(await hasProgram("docker"))) this.skip();
    await runCli(["--version"]); // compiles the program
    const { modules } = await loadRecipes();
    kindVersion = recipeOf("module", modules, "kind").version;
  });
  beforeEach(() => (home = mkdtempSync(path.join(tmpdir(), "plumbline-host-"))));
  afterEach(async () => {
    for (const one of undo.splice(0)) await one();
    rmSync(home, { recursive: true, force: true });
  });

  /** A program in front of the PATH. */
  function stub(name: string, script: string): void {
    const file = path.join(home, "bin", name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }

  async function cli(args: readonly string[], docker: FakeDocker, kind = "exit 1"): Promise<Finished> {
    // what would reach out, and take its time; ended with the program
    for (const name of ["mmdebstrap", "gcc"]) stub(name, "sleep 30");
    stub("go", '[ "$1" = env ] && printf "go1.26.0\\namd64\\n" && exit\nsleep 30');
    stub("kind", `[ "$1" = --version ] && echo "kind version ${kindVersion.slice(1)}" && exit\n${kind}`);
    const engine = await startFakeEngine(home, docker);
    undo.push(() => engine.stop());
    return runCliIn(home, args, {
      DOCKER_HOST: engine.host,
      DOCKER_CONFIG: home,
      PATH: `${path.join(home, "bin")}:${process.env["PATH"] ?? ""}`,
    });
  }

  function expectOne({ stderr, exitCode }: Finished, wanted: Wanted): void {
    const text = stderr.replaceAll(/\s+/g, " ");
    expect(exitCode, text).to.equal(wanted.exitCode);
    for (const word of [...wanted.says, `[${wanted.code}]`]) expect(text).to.contain(word);
    expect(text.match(/\[PL_\w+\]/g), "one error").to.have.length(1);
    expect(stderr, "no stack").to.not.match(/^\s+at /m);
  }

  /** A registry that knows nothing, or wants to know who asks. */
  async function registry(status: 401 | 404): Promise<string> {
    const server: Server = createServer((request, response) => {
      response.writeHead(request.url === "/v2/" && status === 404 ? 200 : status).end("{}");
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    undo.push(() => new Promise((resolve) => void server.close(() => resolve())));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  for (const command of ["up", "down", "run --case TD-001"]) {
    it(`a cluster of that name that is not ours: ${command}`, async () => {
      const done = await cli([...command.split(" "), "--name", "lab"], {
        imageLabels: NODE_IMAGE,
        containers: [FOREIGN],
      });
      expectOne(done, {
        exitCode: 2,
        code: "PL_CLUSTER_FOREIGN",
        says: ["the kind cluster lab", "lab-control-plane is not on the network plumbline-lab", "choose another name"],
      });
    });
  }

  it("a Docker that cannot run privileged is told before anything is built", async () => {
    const mirror = await registry(404);
    const done = await cli(["images", "pull", "--mirror", mirror], { refusesPrivileged: REFUSED });
    expectOne(done, {
      exitCode: 3,
      code: "PL_NOT_PRIVILEGED",
      says: ["no privileged container", "incompatible with user namespaces", "hint:"],
    });
  });

  it("a Docker that cannot run privileged is told by doctor, with what it says", async () => {
    const { exitCode, stdout } = await cli(["doctor", "--json"], { refusesPrivileged: REFUSED });
    expect(exitCode).to.equal(3);
    const { checks } = JSON.parse(stdout) as { checks: { id: string; state: string; seen: string }[] };
    const check = checks.find(({ id }) => id === "docker-privileged");
    expect(check).to.include({ state: "missing" });
    expect(check?.seen).to.contain("incompatible with user namespaces");
  });

  for (const [status, message] of [
    [404, "manifest unknown"],
    [401, "unauthorized: authentication required"],
  ] as const) {
    it(`an image that cannot be had: the registry answers ${status}`, async () => {
      const mirror = await registry(status);
      const done = await cli(["images", "pull", "--mirror", mirror], {
        // as a daemon asks, and as it tells
        pullAnswer: async (ref) => {
          const [repository = "", tag = ""] = ref.slice(mirror.length + 1).split(":");
          const answer = await fetch(`http://${mirror}/v2/${repository}/manifests/${tag}`);
          return { status: answer.status === 401 ? 500 : answer.status, message };
        },
      });
      expectOne(done, {
        exitCode: 3,
        code: "PL_IMAGE_PULL",
        says: [`the image ${mirror}/`, "cannot be had", message, `docker pull ${mirror}/`],
      });
    });
  }

  it("upstream's device plugin, which nobody builds, before anything is made", async () => {
    const done = await cli(["up", "--stack", "ptp-thick-simvf-sriovdp", "--source", "build", "--name", "lab"], {});
    expectOne(done, {
      exitCode: 3,
      code: "PL_DEVICE_PLUGIN_IMAGE",
      says: [`needs the image ${SRIOVDP}:v3.11.0`, "images are to be built", "--mirror", "docker load"],
    });
  });

  it("a kernel without the driver of the stack's function, or else the plugin that nobody builds", async () => {
    const done = await cli(["up", "--stack", "ptp-thin-simvf-netdevsim", "--source", "build", "--name", "lab"], {});
    const wanted = existsSync("/sys/bus/netdevsim")
      ? {
          code: "PL_VF_PLUGIN_IMAGE",
          says: ["needs the image ghcr.io/k8snetworkplumbingwg/sriov-cni:v2.10.0", "--mirror"],
        }
      : { code: "PL_NETDEVSIM", says: ["ptp-thin-simvf-netdevsim needs the kernel's driver", "modprobe netdevsim"] };
    expectOne(done, { exitCode: 3, ...wanted });
  });

  for (const [state, docker, seen] of [
    ["ok", { imageLabels: {}, imagePrefix: SRIOVDP }, "v3.11.0, its image can be had"],
    ["warning", {}, `not here: ${SRIOVDP}:v3.11.0: not in this host's Docker, and 127.0.0.1:9 cannot be reached`],
  ] as const) {
    it(`upstream's device plugin, looked at by doctor: ${state}`, async () => {
      // nobody listens there
      writeFileSync(path.join(home, "plumbline.yaml"), "images: { mirror: 127.0.0.1:9 }\n");
      const { stdout } = await cli(["doctor", "--json"], docker);
      const { checks } = JSON.parse(stdout) as { checks: readonly { readonly id: string }[] };
      const check = checks.find(({ id }) => id === "sriov-network-device-plugin");
      expect(check).to.include({ state }).and.to.have.property("seen").that.contains(seen);
    });
  }

  it("an image for another architecture", async () => {
    const mirror = await registry(404);
    const done = await cli(["images", "pull", "--mirror", mirror], {
      imageLabels: {},
      imagePrefix: mirror,
      imageArch: "s390x",
    });
    expectOne(done, {
      exitCode: 3,
      code: "PL_IMAGE_ARCH",
      says: [`the image ${mirror}/`, "is for s390x", "runs amd64", "--source build"],
    });
  });

  it("a port taken between its choice and its use", async () => {
    const kind = `echo '${PORT_TAKEN}' >&2; exit 1`;
    const done = await cli(["run", "--case", "TD-001", "--name", "lab"], { imageLabels: NODE_IMAGE }, kind);
    expectOne(done, {
      exitCode: 3,
      code: "PL_PORT_TAKEN",
      says: ["port 41731 of this host", "port is already allocated", "run again", "ss -ltnp"],
    });
    const events = readFileSync(path.join(home, "plumbline-out", "latest", "events.ndjson"), "utf8");
    expect(events, "what was obtained is kept").to.contain("41731").and.to.contain("run-ended");
  });

  it("a disk that Docker has filled", async () => {
    const done = await cli(["up", "--name", "lab"], { imageLabels: NODE_IMAGE }, `echo '${NO_SPACE}' >&2; exit 1`);
    expectOne(done, {
      exitCode: 3,
      code: "PL_DISK_FULL",
      says: ["disk that Docker's data lie on is full", "no space left on device", "docker system df"],
    });
  });

  it("a kind that fails for another reason, on a Docker that cannot run privileged", async () => {
    const docker = { imageLabels: NODE_IMAGE, refusesPrivileged: REFUSED };
    const done = await cli(["up", "--name", "lab"], docker, "echo 'ERROR: it broke' >&2; exit 1");
    expectOne(done, { exitCode: 3, code: "PL_NOT_PRIVILEGED", says: ["incompatible with user namespaces", "hint:"] });
  });

  for (const [what, text, why] of [
    ["garbage", "{{{", "cannot be read"],
    ["without a context", "apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n", "names no server"],
    ["that is gone", undefined, "ENOENT"],
  ] as const) {
    it(`an unreadable kubeconfig: ${what}`, async () => {
      await standingCluster(text);
      const network = { id: "d".repeat(64), name: "plumbline-lab", labels: { "plumbline.cluster": "lab" } };
      const nodes = ["control-plane", "worker"].map((role, i) => ({
        id: `${i}`.repeat(64),
        name: `lab-${role}`,
        labels: { [KIND_LABEL]: "lab" },
        network: "plumbline-lab",
      }));
      const docker = { imageLabels: NODE_IMAGE, containers: nodes, networks: [network] };
      const started = performance.now();
      const done = await cli(["run", "--reuse", "--name", "lab", "--case", "TD-001"], docker);
      expectOne(done, {
        exitCode: 2,
        code: "PL_KUBECONFIG",
        says: [`${home}/state/clusters/lab/kubeconfig`, why, "kubectl --kubeconfig"],
      });
      expect(performance.now() - started, "no wait puts it right").to.be.lessThan(60_000);
    });
  }

  /** The state of a cluster that was made by an earlier `up`. */
  async function standingCluster(kubeconfig: string | undefined): Promise<void> {
    const state = path.join(home, "state", "clusters", "lab");
    mkdirSync(state, { recursive: true });
    const adaptations = (await hostAdaptations()).map((adaptation) => adaptation.text);
    const spec = {
      name: "lab",
      workers: 1,
      ipFamily: "ipv4",
      nodeImage: { ref: "plumbline/node:any", id: FAKE_IMAGE_ID },
      stack: "ptp-thick",
    } as const;
    const cluster = {
      version: 1,
      spec,
      specDigest: specDigest(spec, adaptations),
      dockerNetwork: "plumbline-lab",
      adaptations,
      startedAt: { "lab-control-plane": FAKE_STARTED_AT, "lab-worker": FAKE_STARTED_AT },
      ready: true,
    };
    const claim = {
      version: 1,
      cluster: "lab",
      runId: "r",
      holder: { pid: 1, startTicks: "0", bootId: "another" },
      processGroups: [],
      keep: true,
      createdAt: FAKE_STARTED_AT,
    };
    writeFileSync(path.join(state, "cluster.json"), JSON.stringify(cluster));
    writeFileSync(path.join(state, "claim.json"), JSON.stringify(claim));
    if (kubeconfig !== undefined) writeFileSync(path.join(state, "kubeconfig"), kubeconfig);
  }

  it("a manifest that does not apply", async () => {
    const api = await FakeApiServer.start();
    undo.push(() => api.stop());
    const message = 'ConfigMap "multus-daemon-config" is invalid: data: Too long: may not be more than 1048576 bytes';
    api.answer((request, response) => {
      if (request.path === "/api/v1/nodes") return json(response, 200, nodeList());
      if (request.path === "/apis") return json(response, 200, { groups: [] });
      return refuse(response, 422, { reason: "Invalid", message, details: { kind: "ConfigMap", name: "x" } });
    });
    const done = await cli(
      ["run", "--case", "TD-001", "--name", "lab"],
      { imageLabels: NODE_IMAGE, execOutput: (argv) => (argv.join(" ").includes("/manifests/") ? MANIFEST : "") },
      `while [ $# -gt 0 ]; do [ "$1" = --kubeconfig ] && cp '${api.kubeconfigPath}' "$2"; shift; done`,
    );
    expectOne(done, {
      exitCode: 3,
      code: "PL_MANIFEST_APPLY",
      says: [
        "ConfigMap kube-system/multus-daemon-config of multus-daemonset-thick.yml does not apply",
        "422 Invalid",
        "Too long",
        "fixtures/patches/multus-thick-log.yaml",
      ],
    });
    expect(readFileSync(path.join(home, "plumbline-out", "latest", "summary.md"), "utf8")).to.contain("does not apply");
  });
});

interface Wanted {
  readonly exitCode: number;
  readonly code: string;
  readonly says: readonly string[];
}

function nodeList(): object {
  const node = (name: string, i: number): object => ({
    metadata: {
      name,
      labels: i === 0 ? { "node-role.kubernetes.io/control-plane": "" } : {},
      resourceVersion: "1",
    },
    spec: { podCIDRs: [`10.244.${i}.0/24`] },
    status: { addresses: [{ type: "InternalIP", address: `172.31.0.${i + 2}` }] },
  });
  return { metadata: { resourceVersion: "1" }, items: ["lab-control-plane", "lab-worker"].map(node) };
}

/** As much of Multus' manifest as the patches of the stack ask for. */
const MANIFEST = `
apiVersion: v1
kind: ConfigMap
metadata: { name: multus-daemon-config, namespace: kube-system }
data: { daemon-config.json: '{"logLevel":"verbose"}' }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: kube-multus-ds, namespace: kube-system }
spec:
  template:
    spec:
      containers: [{ name: kube-multus, image: a, resources: { limits: { cpu: 100m } } }]
      initContainers: [{ name: install, image: a }]
`;
