import { expect } from "chai";
import {
  bringUp,
  exchangeDatagrams,
  pod,
  suite,
  testCase,
  type End,
  type LiveNetwork,
  type TestPod,
} from "../../harness/testkit/index.ts";
import { oneVf, S0, S0_OR_S3, vfNetwork } from "./vf-networks.ts";

const talk = vfNetwork("srv-talk", {
  type: S0,
  plugin: () => ({ capabilities: { ips: true }, ipam: { type: "static" } }),
});
const talking = (host: number) => ({
  network: talk,
  ips: (live: LiveNetwork) => [
    `${live.address(host)}${live.range.slice(live.range.indexOf("/"))}`,
    `${live.address6(host)}${live.range6.slice(live.range6.indexOf("/"))}`,
  ],
});
const near = pod("srv-talk-near", [talking(141)], { ...oneVf, group: "srv-talk" });
const beside = pod("srv-talk-beside", [talking(142)], { ...oneVf, group: "srv-talk" });
const far = pod("srv-talk-far", [talking(143)], { ...oneVf, apart: true });

suite("virtual functions in pods", () => {
  testCase(
    {
      id: "SRV-038",
      revision: 1,
      title: "pods reach each other by their VFs, on one node and across nodes, over IPv4 and IPv6 (S0, S3)",
      layer: "L2",
      level: "extended",
      clauses: ["SRIOV-vf-moved"],
      faults: ["a-vf-is-down-on-the-other-node"],
      needs: [S0_OR_S3, "two-nodes", "sriov-two-nodes"],
      pods: { near, beside, far },
    },
    async ({ pods, claim }) => {
      await bringUp(pods.near, pods.beside, pods.far);
      const all = [pods.near, pods.beside, pods.far];
      const addressOf = (testPod: TestPod, family: 4 | 6): string =>
        testPod
          .seen()
          .addressesOf("net1")
          .find((address) => address.includes(":") === (family === 6)) ?? "none";
      const endOf = (testPod: TestPod): End => ({
        on: testPod.onNode,
        netns: testPod.identity?.netns[0]?.path ?? "none",
        device: "net1",
        address: addressOf(testPod, 4),
      });
      const ends = all.map(endOf);
      const ways = [
        [0, 1, "one node"],
        [1, 0, "one node, back"],
        [0, 2, "across nodes"],
        [2, 1, "across nodes, back"],
      ] as const;
      const sendings = ways.flatMap(([from, to, text]) => {
        const [a, b] = [ends[from], ends[to]];
        return a && b ? [{ from: a, to: b, text, expected: true }] : [];
      });
      const heard = await exchangeDatagrams(sendings, "/run/plumbline-srv-talk");
      await claim("heard-over-ipv4", () => {
        expect([...heard].toSorted(), "datagrams that arrived").to.deep.equal(
          sendings.map(({ text }) => text).toSorted(),
        );
      });
      for (const [from, to, text] of ways) {
        const [a, b] = [all[from], all[to]];
        if (!a || !b) continue;
        const { exitCode, stdout } = await a.exec(
          "ping",
          "-6",
          "-c",
          "3",
          "-i",
          "0.2",
          "-W",
          "2",
          "-I",
          "net1",
          addressOf(b, 6),
        );
        await claim("answered-over-ipv6", () => {
          expect(exitCode, `exit code of ping, ${text}: ${stdout.slice(-200)}`).to.equal(0);
        });
      }
    },
  );
});
