import { expect } from "chai";
import { loadCaseClaims } from "../harness/plan/case-claims.ts";
import { loadFaults } from "../harness/nodes/fault.ts";
import { claimsOfSuite } from "./case-claims.ts";

const suiteOf = (body: string): string => `
const MANY = 4;
suite("s", () => {
  testCase({ id: "EX-001", pods: {} }, async ({ pods, claim }) => {
    ${body}
  });
});`;
const claims = (body: string) => claimsOfSuite(suiteOf(body)).get("EX-001");

describe("what a case claims, by its source", () => {
  it("is the name of each claim with the messages of its assertions, holes filled", () => {
    const body = `await claim("as-wanted", () => {
      expect(a, \`routes of \${pods.one} in \${live.range}\`).to.deep.equal(wanted);
      expect(b, \`ADDs of \${MANY} at once: \${inShort(x)}\`).not.to.equal(0);
      expect(c).to.equal(1);
    });`;
    expect(claims(body)).to.deep.equal([
      { assertion: "as-wanted", looksAt: ["routes of the pod in the network's range", "ADDs of 4 at once: not 0"] },
    ]);
  });

  it("has what is wanted where it is a constant", () => {
    const body = `await claim("x", () => {
      expect(a, "plugins that failed").to.deep.equal([]);
      expect(a, "answer").to.deep.equal({ succeeds: true });
      expect(a, "interfaces").not.to.deep.equal([]);
      expect(a, "events").to.contain("text");
    });`;
    expect(claims(body)?.[0]?.looksAt).to.deep.equal([
      "plugins that failed: none",
      "answer: { succeeds: true }",
      "interfaces: some",
      "events",
    ]);
  });

  it("joins claims of one name, and shows the holes of a name", () => {
    const body = `for (const c of all) await claim(\`on-\${c}\`, () => { expect(c, "a").to.equal(d); });
      await claim("x", () => { expect(c, "a").to.equal(d); });
      await claim("x", () => { expect(c, "b").to.equal(d); });`;
    expect(claims(body)).to.deep.equal([
      { assertion: "on-...", looksAt: ["a"] },
      { assertion: "x", looksAt: ["a", "b"] },
    ]);
  });

  it("is found in the function that several cases share", () => {
    const shared = (body: string): string => `
      function asAll(types) {
        return async (context) => { await context.claim("all", () => { expect(types, "wrong").to.deep.equal([]); }); };
      }
      testCase({ id: "EX-001" }, ${body});`;
    const wanted = [{ assertion: "all", looksAt: ["wrong: none"] }];
    expect(claimsOfSuite(shared("asAll(bridges)")).get("EX-001")).to.deep.equal(wanted);
    expect(claimsOfSuite(shared("asAll")).get("EX-001")).to.deep.equal(wanted);
    expect(claimsOfSuite(shared("asOthers(bridges)")).get("EX-001")).to.deep.equal([]);
  });

  it("has the texts that such a function is called with", () => {
    const text = `
      function restored(columns, what, other = "o") {
        return async ({ pods, claim }) => {
          await claim("as-before", () => { expect(a, \`\${what} after \${pods.asked}, \${columns} \${other}\`).to.equal(b); });
        };
      }
      testCase({ id: "EX-001" }, restored(["vlan"], "VLAN of the VF"));
      testCase({ id: "EX-002" }, restored(all, \`rates\`));`;
    const looksAt = [...claimsOfSuite(text).values()].map(([claim]) => claim?.looksAt);
    expect(looksAt).to.deep.equal([["VLAN of the VF after the pod, ... ..."], ["rates after the pod, ... ..."]]);
  });

  it("is refused where a case has no id that can be read", () => {
    expect(() => claimsOfSuite("testCase(definition, () => {})")).to.throw("no id that can be read");
  });
});

describe("the shipped claims", () => {
  it("hold every assertion by which a fault is noticed", () => {
    const shipped = loadCaseClaims();
    expect([...shipped].filter(([, of]) => of.length === 0)).to.deep.equal([]);
    const missing = loadFaults()
      .flatMap(({ noticedBy }) => noticedBy)
      .flatMap(({ case: id, assertions }) => assertions.map((assertion) => ({ id, assertion })))
      .filter(({ id, assertion }) => !isClaimed(assertion, shipped.get(id) ?? []));
    expect(missing).to.deep.equal([]);
  });
});

function isClaimed(assertion: string, of: readonly { readonly assertion: string }[]): boolean {
  // the harness' own: a pod that did not become ready
  if (assertion === "pod-ready") return true;
  return of.some((claim) => new RegExp(`^${claim.assertion.replaceAll("...", ".+")}$`).test(assertion));
}
