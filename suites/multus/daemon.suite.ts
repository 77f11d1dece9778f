import { expect } from "chai";
import {
  BareContainer,
  BareMultus,
  inShort,
  MultusDaemon,
  network,
  nodeOf,
  pod,
  scriptedNetwork,
  SecondDaemon,
  suite,
  testCase,
  type CaseNode,
  type LiveNetwork,
} from "../../harness/testkit/index.ts";

const LEASES = "/var/lib/cni/networks";
/** As many requests are sent at once. */
const MANY = 4;
/** How long one of them takes at least. */
const SLOW_MS = 250;

const attached = pod("mul-daemon", []);
const leased = network("mul-daemon-leased", { type: "bridge", ipam: "host-local" });
const slow = scriptedNetwork("mul-daemon-slow", () => ({ link: "none", script: { ADD: { delayMs: SLOW_MS } } }));

/** One configuration for all cases: the daemon is restarted once for them, and once to put it back. */
const settings = ({ hostPort }: LiveNetwork) => ({ connectionLimit: 1, metricsPort: hostPort });

/** Makes Multus take the test's network for the cluster network. */
const on = ({ name, namespace }: LiveNetwork) => ({
  clusterNetwork: name,
  multusNamespace: namespace,
  delegates: null,
});

/** Address by container, from host-local's files. */
async function leasesOf(node: CaseNode, { name }: LiveNetwork): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await node.shell('cd "$1" && grep -H "" [0-9]* || true', `${LEASES}/${name}`);
  const lines = stdout.split("\n").flatMap((line) => {
    const [, address, id] = /^([0-9.]+):([^\s]+)/.exec(line) ?? [];
    return address !== undefined && id !== undefined && id !== "eth0" ? [[id, address] as const] : [];
  });
  return Object.fromEntries(lines);
}

/** The daemon's counter of requests to `/cni`, by status. */
async function requests(node: CaseNode, port: number): Promise<Readonly<Record<string, number>>> {
  const { stdout } = await node.exec(["curl", "-s", `http://127.0.0.1:${port}/metrics`]);
  const lines = stdout.matchAll(/^multus_server_request_total\{code="(\d+)",handler="\/cni",method="post"\} (\d+)$/gm);
  return { 200: 0, 400: 0, ...Object.fromEntries([...lines].map(([, code = "", n]) => [code, Number(n)])) };
}

/** How often a count is taken again because the kubelet sent requests of its own meanwhile. */
const COUNTS = 10;

/** What the daemon counted while something was done that sends it so many requests, and nobody else sent any. */
async function counted(
  { node, port }: { readonly node: CaseNode; readonly port: number },
  requestsOfOurs: number,
  act: () => Promise<unknown>,
): Promise<Readonly<Record<string, number>>> {
  for (let attempt = 1; attempt <= COUNTS; attempt++) {
    const shims = await node.countCalls("multus-shim");
    const before = await requests(node, port);
    await act();
    const after = await requests(node, port);
    const others = (await node.countCalls("multus-shim")) - shims - requestsOfOurs;
    if (others > 0) continue;
    return Object.fromEntries(Object.entries(after).map(([code, n]) => [code, n - (before[code] ?? 0)]));
  }
  // no word against the subject: nothing was measured
  throw new Error(`others sent requests to the daemon on ${node.name} during each of ${COUNTS} counts`);
}

suite("the daemon's own configuration", () => {
  testCase(
    {
      id: "MUL-034",
      revision: 1,
      title: "what plugins keep lies on the node, so a restart of the daemon gives no address away twice",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-state-on-the-node"],
      faults: ["a-restart-loses-the-addresses-given"],
      needs: ["multus-thick"],
      disturbs: "cluster",
      pods: { attached },
      networks: { leased },
    },
    async ({ pods, networks, nodes, kube, claim }) => {
      const node = nodeOf(pods.attached, nodes);
      const multus = await BareMultus.on(node);
      const { live } = networks.leased;
      const before = await BareContainer.open([node], `mul-034-before-${live.name}`, "eth0");
      const after = await BareContainer.open([node], `mul-034-after-${live.name}`, "eth0");
      const call = { pod: pods.attached, keys: on(live) };
      try {
        await multus.call(before, "ADD", call);
        const first = await leasesOf(node, live);
        await claim("kept-on-the-node", () => {
          expect(Object.keys(first), `containers in ${LEASES}/${live.name}`).to.deep.equal([before.id]);
        });
        await MultusDaemon.of(node, kube).runWith(settings(live));
        await multus.call(after, "ADD", call);
        const then = await leasesOf(node, live);
        await claim("kept-over-a-restart", () => {
          expect(then, `addresses in ${LEASES}/${live.name}`).to.deep.include(first);
          expect(then[after.id], `address of ${after.id}`).not.to.be.oneOf([undefined, first[before.id]]);
        });
      } finally {
        for (const container of [before, after]) await multus.call(container, "DEL", call);
      }
    },
  );

  testCase(
    {
      id: "MUL-032",
      revision: 1,
      title: "with `connectionLimit` 1 requests are handled one after the other, and 0 is refused",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-connection-limit"],
      faults: ["requests-beyond-the-limit-are-handled"],
      needs: ["multus-connection-limit", "multus-thick"],
      disturbs: "cluster",
      pods: { attached },
      networks: { leased, slow },
    },
    async ({ pods, networks, nodes, kube, claim, eventually }) => {
      const node = nodeOf(pods.attached, nodes);
      const daemon = MultusDaemon.of(node, kube);
      await daemon.runWith(settings(networks.leased.live));
      const multus = await BareMultus.on(node);
      const keys = on(networks.slow.live);
      const containers: BareContainer[] = [];
      for (let i = 0; i < MANY; i++) {
        containers.push(await BareContainer.open([node], `mul-032-${networks.slow.live.name}-${i}`, "eth0"));
      }
      try {
        const answers = await multus.addAll(containers, pods.attached, () => keys);
        await claim("all-succeed", () => {
          const failed = answers.filter(({ exitCode }) => exitCode !== 0).map(inShort);
          expect(failed, `ADDs of ${MANY} at once that failed`).to.deep.equal([]);
        });
        const ids = new Set(containers.map(({ netns }) => netns));
        const calls = (await node.calls(networks.slow.live.name)).filter(
          ({ command, netns }) => command === "ADD" && ids.has(netns),
        );
        await claim("one-after-the-other", () => {
          const overlapping = calls.filter((call, i) => i > 0 && call.startNs < (calls[i - 1]?.endNs ?? 0));
          expect(
            overlapping.map(({ containerId }) => containerId),
            "ADDs that began before the one before had ended",
          ).to.deep.equal([]);
        });
      } finally {
        for (const container of containers) await multus.call(container, "DEL", { pod: pods.attached, keys });
      }
      const without = await SecondDaemon.open(node, kube);
      await without.start((inContainer) => ({ multusConfigFile: inContainer("none"), connectionLimit: 0 }));
      await claim("zero-is-refused", async () => {
        await eventually(() => {
          expect(without.said, "how a daemon with connectionLimit 0 ended").to.be.an("object");
        });
        expect(without.said?.exitCode, "its exit code").not.to.equal(0);
        expect(without.said?.stderr, "what it said").to.contain("connection limit must be greater than 0");
      });
    },
  );

  testCase(
    {
      id: "MUL-033",
      revision: 1,
      title: "with `metricsPort` the daemon counts its requests, by what became of them",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-metrics"],
      faults: ["a-failed-request-is-not-counted"],
      needs: ["multus-thick"],
      disturbs: "cluster",
      pods: { attached },
      networks: { leased, slow },
    },
    async ({ pods, networks, nodes, kube, claim }) => {
      const node = nodeOf(pods.attached, nodes);
      const { live } = networks.leased;
      await MultusDaemon.of(node, kube).runWith(settings(live));
      const multus = await BareMultus.on(node);
      const keys = on(networks.slow.live);
      const daemon = { node, port: live.hostPort };
      const good = await counted(daemon, 2, () => multus.attach("mul-033-good", pods.attached, keys));
      await claim("counts-successes", () => {
        // ADD and DEL
        expect(good, "further requests by status").to.deep.equal({ 200: 2, 400: 0 });
      });
      const container = await BareContainer.open([node], "mul-033-bad", "eth0");
      const toNowhere = { ...keys, clusterNetwork: "nowhere" };
      const bad = await counted(daemon, 1, () =>
        multus.call(container, "ADD", { pod: pods.attached, keys: toNowhere }),
      );
      await claim("counts-failures", () => {
        expect(bad, "further requests by status").to.deep.equal({ 200: 0, 400: 1 });
      });
    },
  );
});
