import { expect } from "chai";
import { deviationApplies, loadDeviations, signatureMatches, type DeviationFacts } from "./deviations.ts";

const facts: DeviationFacts = {
  versions: { multus: "v4.3.0" },
  mode: "thick",
  defaultNetwork: "flannel",
  cniVersion: "1.0.0",
};
const [entry] = loadDeviations().filter(({ id }) => id === "multus-default-route-not-replaced");
if (!entry) throw new Error("the shipped entry for RTE-001 is gone");

describe("deviationApplies", () => {
  const versions: [string, boolean][] = [
    ["v4.2.1", false],
    ["v4.2.2", true],
    ["4.2.4", true],
    ["v4.3.0", true],
    ["v4.3.1", false],
    ["master", false],
    ["", false],
  ];
  for (const [version, applies] of versions) {
    it(`is ${applies} for multus ${version || "of no version"}`, () => {
      expect(deviationApplies(entry, { ...facts, versions: { multus: version } })).to.equal(applies);
    });
  }

  const narrowed: [string, object, boolean][] = [
    ["its mode", { modes: ["thick"] }, true],
    ["another mode", { modes: ["thin"] }, false],
    ["its default network", { defaultNetworks: ["flannel", "ptp"] }, true],
    ["another default network", { defaultNetworks: ["ptp"] }, false],
    ["its CNI version", { cniVersions: ["1.0.0"] }, true],
    ["another CNI version", { cniVersions: ["0.3.1"] }, false],
    ["another component", { component: "flannel" }, false],
  ];
  for (const [what, more, applies] of narrowed) {
    it(`is ${applies} where the entry names ${what}`, () => {
      expect(deviationApplies({ ...entry, applies: { ...entry.applies, ...more } }, facts)).to.equal(applies);
    });
  }
});

describe("signatureMatches", () => {
  const assertion = "RTE-001/one-default-route";
  const eth0 = { dst: "default", gateway: "10.244.1.1", dev: "eth0" };
  const net1 = { dst: "default", gateway: "10.1.1.254", dev: "net1" };

  it("knows the shipped departure, with one default route left or with two", () => {
    expect(signatureMatches(entry.signature, { assertion, observed: [eth0] })).to.equal(true);
    expect(signatureMatches(entry.signature, { assertion, observed: [net1, eth0] })).to.equal(true);
  });

  it("does not excuse another failure of the same case", () => {
    expect(signatureMatches(entry.signature, { assertion, observed: [] })).to.equal(false);
    expect(signatureMatches(entry.signature, { assertion, observed: [{ ...net1, gateway: "10.9.9.9" }] })).to.equal(
      false,
    );
    expect(signatureMatches(entry.signature, { assertion: "RTE-001/gateway", observed: [eth0] })).to.equal(false);
    expect(signatureMatches(entry.signature, { assertion, observed: null })).to.equal(false);
  });

  const table: [unknown, unknown, boolean][] = [
    [{ a: 1 }, { a: 1, b: 2 }, true],
    [{ a: 1 }, { b: 2 }, false],
    [{ a: { b: [1] } }, { a: { b: [2, 1] } }, true],
    [[1, 3], [3, 2, 1], true],
    [[1, 4], [3, 2, 1], false],
    [{}, [], false],
    [null, null, true],
    ["x", "x", true],
    [{ toString: 1 }, {}, false],
  ];
  for (const [subset, observed, matches] of table) {
    it(`${JSON.stringify(subset)} is ${matches ? "" : "not "}in ${JSON.stringify(observed)}`, () => {
      expect(signatureMatches({ assertion, observed: { subset } }, { assertion, observed })).to.equal(matches);
    });
  }

  it("holds an expression against the compact JSON", () => {
    const signature = { assertion, observed: { matches: String.raw`"dev":"eth\d"` } };
    expect(signatureMatches(signature, { assertion, observed: [eth0] })).to.equal(true);
    expect(signatureMatches(signature, { assertion, observed: undefined })).to.equal(false);
  });

  it("excuses a list only if every item is the known one", () => {
    const signature = { assertion, observed: { each: "lease /var/lib/cni/networks/ptp/" } };
    const known = "lease /var/lib/cni/networks/ptp/10.1.1.7: eth0";
    const seen = (observed: unknown): boolean => signatureMatches(signature, { assertion, observed });
    expect(seen([known, known])).to.equal(true);
    expect(seen([known, "link veth0"])).to.equal(false);
    expect(seen([])).to.equal(false);
    expect(seen({ thing: known })).to.equal(true);
  });
});
