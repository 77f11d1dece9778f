import { expect } from "chai";
import fc from "fast-check";
import { residueViolations } from "./residue-violations.ts";

const lease = { kind: "lease", key: "/var/lib/cni/networks/plain/10.210.1.2", what: "sb", names: ["sandbox sb"] };
const link = { kind: "link", key: "veth1", what: { ifindex: 7 }, names: "host peer of eth0" };

describe("residueViolations", () => {
  it("finds nothing where nothing is left", () => {
    expect(residueViolations([], { pod: "ns/p", deletion: "normal" })).deep.equal([]);
  });

  it("makes one item a thing, at the case of the deletion", () => {
    const normal = residueViolations([lease, link, lease], { pod: "ns/p", deletion: "normal" });
    expect(normal.map((v) => v.thing)).deep.equal([`lease ${lease.key}`, "link veth1"]);
    expect(normal[0]).deep.include({ invariant: "no-residue", clauseCase: "TD-001", pod: "ns/p", expected: null });
    expect(normal[0]?.message).contain("it names sandbox sb");
    const [forced] = residueViolations([link], { pod: "ns/p", deletion: "force" });
    expect(forced).deep.include({ clauseCase: "TD-014", observed: link });
  });

  it("drops no item", () => {
    const item = fc.record({ kind: fc.string(), key: fc.string(), what: fc.jsonValue(), names: fc.array(fc.string()) });
    fc.assert(
      fc.property(fc.uniqueArray(item, { selector: (i) => `${i.kind} ${i.key}` }), (items) => {
        expect(residueViolations(items, { pod: "ns/p", deletion: "normal" })).lengthOf(items.length);
      }),
    );
  });
});
