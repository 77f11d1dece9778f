import { expect } from "chai";
import type { NodeTransport } from "../nodes/transport.ts";
import { findUplink } from "./find-uplink.ts";

/** Stands for a node: what `ip` would say there. */
function node(name: string, answers: Readonly<Record<string, string>>): NodeTransport {
  return {
    node: name,
    async exec(argv) {
      return { exitCode: 0, stdout: answers[argv.at(-1) ?? ""] ?? "[{}]", stderr: "", durationMs: 1 };
    },
    open: async () => expect.fail("nothing here is spoken to"),
    async writeFile() {},
  };
}

const cluster = [
  { name: "a", addresses: ["10.0.0.2"] },
  { name: "b", addresses: ["10.0.0.3"] },
];

describe("findUplink", () => {
  it("is the interface that bears the nodes' own addresses", async () => {
    const nodes = [
      node("a", { "10.0.0.2": '[{},{"ifname":"enp3s0"}]' }),
      node("b", { "10.0.0.3": '[{"ifname":"enp3s0"}]' }),
    ];
    expect(await findUplink(nodes, cluster)).to.equal("enp3s0");
  });

  it("refuses nodes that call it differently, and tells what each has", async () => {
    const nodes = [node("a", { "10.0.0.2": '[{"ifname":"eth0"}]' }), node("b", { "10.0.0.3": '[{"ifname":"eth1"}]' })];
    const error = await findUplink(nodes, cluster).catch((e: unknown) => e);
    expect(error).to.include({ code: "PL_UPLINK", kind: "host" });
    expect((error as Error).message)
      .to.contain("a (10.0.0.2): eth0")
      .and.to.contain("b (10.0.0.3): eth1");
  });

  it("refuses a node without one", async () => {
    const error = await findUplink([node("a", {})], cluster).catch((e: unknown) => e);
    expect((error as Error).message).to.contain("a (10.0.0.2): none");
  });
});
