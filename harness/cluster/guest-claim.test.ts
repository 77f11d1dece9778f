import { hostname } from "node:os";
import { expect } from "chai";
import { claimIn } from "./guest-claim.ts";
import { ownIdentity } from "./process-identity.ts";

const claim = (annotations: Readonly<Record<string, string>>) =>
  claimIn({ apiVersion: "v1", kind: "Namespace", metadata: { name: "plumbline-agent", annotations } });

describe("the claim on a cluster of the user's", () => {
  it("is held by a living process of this host", () => {
    const holder = JSON.stringify(ownIdentity());
    const held = claim({ "plumbline.dev/holder": holder, "plumbline.dev/host": hostname() });
    expect(held.heldBy).to.equal(`process ${process.pid} works with it`);
  });

  it("is free where that process has ended", () => {
    const holder = JSON.stringify({ ...ownIdentity(), startTicks: "1" });
    const free = claim({ "plumbline.dev/holder": holder, "plumbline.dev/host": hostname() });
    expect(free).to.include({ heldBy: undefined, isHere: true });
  });

  it("is another host's to judge where that made it", () => {
    const other = claim({ "plumbline.dev/holder": JSON.stringify(ownIdentity()), "plumbline.dev/host": "elsewhere" });
    expect(other).to.include({ heldBy: "a run on elsewhere made it", isHere: false });
  });

  it("tells what lies on the nodes, and what was brought there", () => {
    const told = claim({
      "plumbline.dev/visited": "2026-11-28T12:00:00Z",
      "plumbline.dev/loaded-image": "plumbline/agent:1",
      "plumbline.dev/loaded-on": "a,b",
    });
    expect(told.visited).to.equal(true);
    expect(told.loaded).to.deep.equal({ ref: "plumbline/agent:1", nodes: ["a", "b"] });
    expect(claim({})).to.deep.include({ visited: false, loaded: undefined });
  });
});
