import { expect } from "chai";
import {
  customNetwork,
  emptyNetwork,
  pod,
  scriptedPlugin,
  suite,
  testCase,
  type LiveNetwork,
  type PluginScript,
} from "../../harness/testkit/index.ts";

const CONF_DIR = "/etc/cni/multus/net.d";
const addressed = (live: LiveNetwork): PluginScript => ({ addresses: [`${live.address(10)}/24`] });

const single = customNetwork("nad-single", (live) => ({ cniVersion: "1.0.0", ...scriptedPlugin(addressed(live)) }));
const list = customNetwork("nad-list", (live) => ({
  cniVersion: "1.0.0",
  plugins: [scriptedPlugin(addressed(live)), scriptedPlugin({}, { second: true })],
}));
const named = customNetwork("nad-named", (live) => ({
  cniVersion: "1.0.0",
  name: `own-name-of-${live.name}`,
  ...scriptedPlugin(addressed(live)),
}));
const attached = pod("nad-attached", [single, list, named]);

const onDisk = emptyNetwork("nad-on-disk");
const fromDisk = pod("nad-from-disk", [onDisk], { byCase: true });

const nowhere = pod("nad-nowhere", [emptyNetwork("nad-empty")], { refused: true });
const broken = pod("nad-broken", [customNetwork("nad-not-json", () => '{"cniVersion": "1.0.0", "type"')], {
  refused: true,
});
const unknown = pod("nad-unknown", [customNetwork("nad-no-plugin", () => ({ type: "plumbline-no-such-plugin" }))], {
  refused: true,
});

suite("NetworkAttachmentDefinitions", () => {
  testCase(
    {
      id: "NAD-002",
      revision: 1,
      title: "a configuration of a single plugin is executed",
      layer: "L1",
      clauses: ["NPWG-3.2.1-single-plugin"],
      faults: ["a-single-plugin-is-not-called"],
      pods: { attached },
    },
    async ({ pods, claim }) => {
      const seen = pods.attached.seen();
      const [attachment] = pods.attached.attachments;
      const calls = (await pods.attached.calls("ADD")).filter((c) => c.network === attachment?.network.name);
      await claim("plugin-is-called", () => {
        expect(calls, `ADD calls for ${attachment?.nad}`).to.have.length(1);
      });
      await claim("interface-exists", () => {
        const links = seen.linksIn(attachment?.network.range ?? "").map((link) => link.name);
        expect(links, `interfaces of ${pods.attached} in the range of ${attachment?.nad}`).to.deep.equal(["net1"]);
      });
    },
  );

  testCase(
    {
      id: "NAD-003",
      revision: 1,
      title: "a configuration list runs every plugin in order, each with the result of the one before",
      layer: "L1",
      clauses: ["NPWG-3.2.2-list"],
      faults: ["a-list-loses-the-result-between-plugins"],
      pods: { attached },
    },
    async ({ pods, claim }) => {
      pods.attached.seen();
      const attachment = pods.attached.attachments[1];
      const calls = (await pods.attached.calls("ADD")).filter((c) => c.network === attachment?.network.name);
      const inputs = calls.map((call) => call.stdin as Record<string, unknown>);
      await claim("plugins-in-order", () => {
        expect(
          inputs.map((input) => input["second"] === true),
          `whether the second plugin of ${attachment?.nad} was called, call by call`,
        ).to.deep.equal([false, true]);
      });
      await claim("result-is-handed-on", () => {
        const { interfaces, ips } = (inputs[1]?.["prevResult"] ?? {}) as Record<string, unknown>;
        const first = JSON.parse(calls[0]?.stdout ?? "{}") as Record<string, unknown>;
        expect({ interfaces, ips }, `prevResult of the second plugin of ${attachment?.nad}`).to.deep.equal({
          interfaces: first["interfaces"],
          ips: first["ips"],
        });
      });
    },
  );

  testCase(
    {
      id: "NAD-004",
      revision: 1,
      title: "a configuration without a name gets the name of its definition",
      layer: "L1",
      clauses: ["NPWG-3.4.2-name-is-filled-in"],
      faults: ["a-missing-name-is-made-up"],
      pods: { attached },
    },
    async ({ pods, claim }) => {
      pods.attached.seen();
      const calls = (await pods.attached.calls("ADD")).filter(({ ifname }) => ifname === "net1");
      await claim("name-of-the-definition", () => {
        expect(
          calls.map((call) => call.network),
          `name in the configuration of ${pods.attached.attachments[0]?.nad}`,
        ).to.deep.equal([pods.attached.network.name]);
      });
    },
  );

  testCase(
    {
      id: "NAD-005",
      revision: 1,
      title: "a configuration with a name of its own keeps it, and the status names the definition",
      layer: "L1",
      clauses: ["NPWG-3.4.3-name-is-kept"],
      faults: ["a-name-of-its-own-is-replaced"],
      pods: { attached },
    },
    async ({ pods, claim }) => {
      const { status } = pods.attached.seen();
      const attachment = pods.attached.attachments[2];
      const calls = (await pods.attached.calls("ADD")).filter(({ ifname }) => ifname === "net3");
      await claim("name-is-kept", () => {
        expect(
          calls.map((call) => call.network),
          `name in the configuration of ${attachment?.nad}`,
        ).to.deep.equal([`own-name-of-${attachment?.network.name}`]);
      });
      await claim("status-names-the-definition", () => {
        expect(
          status.filter((entry) => entry.interface === "net3").map((entry) => entry.name),
          `name of net3 in network-status of ${pods.attached}`,
        ).to.deep.equal([attachment?.nad]);
      });
    },
  );

  testCase(
    {
      id: "NAD-006",
      revision: 1,
      title: "a definition without a configuration takes the one of its name from the node's disk",
      layer: "L1",
      clauses: ["NPWG-3.4.1-configuration-on-disk"],
      faults: ["the-configuration-on-disk-is-another-one"],
      pods: { fromDisk },
    },
    async ({ pods, claim }) => {
      const node = pods.fromDisk.onNode;
      const live = pods.fromDisk.network;
      const file = `${CONF_DIR}/${live.name}.conf`;
      const config = { cniVersion: "1.0.0", name: live.name, ...scriptedPlugin(addressed(live)) };
      await node.shell('mkdir -p "$1"', CONF_DIR);
      await node.writeFile(file, JSON.stringify(config));
      try {
        await pods.fromDisk.create();
        await claim("configuration-of-that-name", () => {
          const links = pods.fromDisk
            .seen()
            .linksIn(live.range)
            .map((link) => link.name);
          expect(links, `interfaces of ${pods.fromDisk} in the range that the file gives`).to.deep.equal(["net1"]);
        });
      } finally {
        await node.shell('rm -f "$1"', file);
      }
    },
  );

  testCase(
    {
      id: "NAD-008",
      revision: 1,
      title: "a definition without a configuration anywhere fails the pod",
      layer: "L1",
      clauses: ["NPWG-3.4.1-no-configuration-fails"],
      faults: ["multus-passes-over-a-definition-that-it-cannot-use"],
      pods: { nowhere },
    },
    async ({ pods, claim }) => {
      const { refused, messages } = pods.nowhere.outcome();
      await claim("setup-fails", () => {
        expect(refused, `whether ${pods.nowhere} was refused`).to.equal(true);
        expect(messages.join("\n"), `events of ${pods.nowhere}`).to.match(/No networks found in|no network available/);
      });
    },
  );

  testCase(
    {
      id: "NAD-010",
      revision: 1,
      title: "a configuration that is not JSON fails the pod, and the event says so",
      layer: "L1",
      clauses: ["MULTUS-broken-configuration"],
      faults: ["multus-passes-over-a-definition-that-it-cannot-use"],
      pods: { broken },
    },
    async ({ pods, claim }) => {
      const { refused, messages } = pods.broken.outcome();
      await claim("setup-fails", () => {
        expect(refused, `whether ${pods.broken} was refused`).to.equal(true);
        expect(messages.join("\n"), `events of ${pods.broken}`).to.match(/unmarshal|unexpected end of JSON/);
      });
    },
  );

  testCase(
    {
      id: "NAD-012",
      revision: 1,
      title: "a plugin that is not there fails the pod, and the event names the folders that were searched",
      layer: "L1",
      clauses: ["CNI-3-plugin-not-found"],
      faults: ["multus-passes-over-a-definition-that-it-cannot-use"],
      pods: { unknown },
    },
    async ({ pods, claim }) => {
      const { refused, messages } = pods.unknown.outcome();
      await claim("setup-fails", () => {
        expect(refused, `whether ${pods.unknown} was refused`).to.equal(true);
        expect(messages.join("\n"), `events of ${pods.unknown}`).to.match(
          /failed to find plugin "plumbline-no-such-plugin" in path \[[^\]]*\/opt\/cni\/bin/,
        );
      });
    },
  );
});
