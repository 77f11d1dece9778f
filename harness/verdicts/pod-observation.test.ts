import { expect } from "chai";
import { parseDelegateCache, parseLibcniCache } from "../net/cni-cache.ts";
import { attachmentsOf } from "./pod-observation.ts";

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64");
const delegate = (Name: string, name: string, more: object = {}) => ({
  Conf: {},
  ConfList: { name },
  Name,
  Bytes: base64({ name, plugins: [{ type: "bridge", ipam: { type: "static" } }] }),
  ...more,
});
const entry = (networkName: string, ifName: string, more: object = {}) =>
  parseLibcniCache(
    JSON.stringify({
      kind: "cniCacheV1",
      containerId: "sb",
      networkName,
      ifName,
      config: base64({ name: networkName, plugins: [{ type: "bridge", ipam: { type: "host-local" } }] }),
      result: { cniVersion: "1.0.0" },
      ...more,
    }),
  );

describe("attachmentsOf", () => {
  it("joins networks with their results by network, sandbox and interface", () => {
    const delegates = parseDelegateCache(
      JSON.stringify([
        delegate("cbr0", "cbr0"),
        delegate("ns/a", "plain"),
        delegate("ns/a", "plain"),
        delegate("ns/b", "b", { ifnameRequest: "foo" }),
      ]),
    );
    const entries = [
      entry("b", "foo"),
      entry("plain", "net2"),
      entry("cbr0", "eth0"),
      entry("plain", "net1", { containerId: "older" }),
    ];
    const attachments = attachmentsOf(delegates, { sandboxId: "sb", entries });
    expect(
      attachments.map((a) => [a.network, a.networkName, a.ifName, a.isDefault, a.ipam, a.result !== undefined]),
    ).deep.equal([
      ["cbr0", "cbr0", "eth0", true, "host-local", true],
      ["ns/a", "plain", "net1", false, "static", false],
      ["ns/a", "plain", "net2", false, "host-local", true],
      ["ns/b", "b", "foo", false, "host-local", true],
    ]);
  });
});
