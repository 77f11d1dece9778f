import { expect } from "chai";
import { VF_HOME_CASE, vfViolations, whoLost, type HeldVf } from "./vf-violations.ts";

const home: HeldVf = {
  pci: "0000:a1:10.0",
  name: "simvf0",
  mac: "02:5a:00:00:00:00",
  macNow: "02:5a:00:00:00:00",
  lostAt: [],
};

describe("vfViolations", () => {
  it("finds nothing where each VF is home as it was", () => {
    expect(vfViolations([home, { ...home, pci: "0000:a1:10.1" }], "ns/p")).to.deep.equal([]);
  });

  it("makes one item a VF, at the case that says so", () => {
    const away = { ...home, macNow: undefined };
    const other = { ...home, pci: "0000:a1:10.1", macNow: "02:00:00:00:00:01" };
    const found = vfViolations([away, home, other], "ns/p");
    expect(found.map(({ thing }) => thing)).to.deep.equal(["VF 0000:a1:10.0", "VF 0000:a1:10.1"]);
    for (const violation of found) {
      expect(violation).to.deep.include({ invariant: "vf-home", clauseCase: VF_HOME_CASE, pod: "ns/p" });
    }
    expect(found[0]?.message).to.contain("is not home");
    expect(found[1]?.message).to.contain("02:00:00:00:00:01, not its own 02:5a:00:00:00:00");
  });

  it("tells of a loss although the VF was made again", () => {
    const [lost] = vfViolations([{ ...home, lostAt: ["2026-11-28T13:00:00Z"] }], "ns/p");
    expect(lost?.message).to.contain("destroyed with a network namespace at 2026-11-28T13:00:00Z");
  });
});

describe("whoLost", () => {
  const first = { name: "first", fromMs: 1_000, goneMs: 5_000 };
  const second = { name: "second", fromMs: 5_500, goneMs: 30_000 };
  const running = { name: "running", fromMs: 40_000, goneMs: undefined };
  const all = [first, second, running];

  for (const [atMs, name] of [
    [500, undefined],
    [3_000, "first"],
    [5_200, "first"],
    [6_000, "first"],
    [29_000, "second"],
    [39_000, "second"],
    [50_000, "running"],
  ] as const) {
    it(`at ${atMs} ms it was ${name ?? "nobody of them"}`, () => {
      expect(whoLost(all, atMs)?.name).to.equal(name);
    });
  }

  it("is the last one however late, and nobody of them if somebody else has been given the VF since", () => {
    expect(whoLost([first, second], 90_000)?.name).to.equal("second");
    expect(whoLost([first, second], 90_000, { sinceTaken: true })).to.equal(undefined);
    expect(whoLost([first, second], 31_000, { sinceTaken: true })?.name).to.equal("second");
  });
});
