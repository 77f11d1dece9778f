import { expect } from "chai";
import type { CaseNode } from "./case-node.ts";
import { exchangeDatagrams, type Sending } from "./datagrams.ts";

/** A node whose listeners have heard this; it keeps what the script was given. Real ones cannot be deaf on demand. */
class FakeNode {
  readonly given: { readonly args: readonly string[]; readonly stdin: string }[] = [];
  readonly hears: (round: number) => readonly string[];

  constructor(hears: (round: number) => readonly string[]) {
    this.hears = hears;
  }

  async exec(argv: readonly string[], { stdin = "" }: { readonly stdin?: string }) {
    const args = argv.slice(4);
    this.given.push({ args, stdin });
    const stdout = args[0] === "heard" ? this.hears(this.sent().length).join("\n") : "";
    return { exitCode: 0, stdout, stderr: "" };
  }

  sent(): readonly string[] {
    return this.given.filter(({ args }) => args[0] === "send").map(({ stdin }) => stdin);
  }
}

function sending(to: FakeNode, text: string, expected: boolean): Sending {
  const on = to as unknown as CaseNode;
  const from = { on, netns: "/run/netns/a", device: "net1", address: "10.0.0.1" };
  return { from, to: { on, netns: "/run/netns/b", device: "net1", address: "10.0.0.2" }, text, expected };
}

describe("an exchange of datagrams", () => {
  it("sends again what is expected and has not arrived, and what must not as often as the rest and before it", async () => {
    const node = new FakeNode((round) => (round < 2 ? [] : ["_run_netns_b:yes"]));
    const heard = await exchangeDatagrams([sending(node, "yes", true), sending(node, "no", false)], "/run/x");
    expect([...heard]).to.deep.equal(["yes"]);
    const line = (text: string) => `/run/netns/a net1 10.0.0.2 ${text}\n`;
    expect(node.sent()).to.deep.equal([line("no") + line("yes"), line("no") + line("yes")]);
  });

  it("counts what was heard at another end as not arrived", async () => {
    const node = new FakeNode(() => ["_run_netns_c:yes"]);
    expect([...(await exchangeDatagrams([sending(node, "yes", true)], "/run/x"))]).to.deep.equal([]);
    expect(node.sent()).to.have.length(6);
  });

  it("ends the listeners when something fails", async () => {
    const node = new FakeNode(() => {
      throw new Error("gone");
    });
    let error: unknown;
    await exchangeDatagrams([sending(node, "yes", true)], "/run/x").catch((thrown: unknown) => (error = thrown));
    expect(error).to.have.property("message", "gone");
    expect(node.given.at(-1)?.args).to.deep.equal(["stop", "/run/x"]);
  });
});
