import { expect } from "chai";
import { harnessError } from "../core/errors.ts";
import { claim, type ClaimError, failureOf, together } from "./claim.ts";

const holds = (name: string): Promise<void> => claim("CNI-000", name, () => undefined);
const breaks = (name: string): Promise<void> =>
  claim("CNI-000", name, () => {
    expect(name, `what ${name} says`).to.equal("");
  });
const ours = (): Promise<void> =>
  claim("CNI-000", "ours", () => {
    throw harnessError("PL_SESSION", "the node has gone");
  });

async function thrownBy(...claims: readonly Promise<void>[]): Promise<unknown> {
  return together(...claims).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("claims together", () => {
  it("hold if each does", async () => {
    expect(await thrownBy(holds("a"), holds("b"))).to.equal(undefined);
  });

  it("tell all that do not, each under its name", async () => {
    const error = await thrownBy(holds("a"), breaks("b"), breaks("c"));
    const { also, ...first } = failureOf(error, "CNI-000/harness");
    expect([first, ...(also ?? [])].map(({ assertion, observed }) => [assertion, observed])).to.deep.equal([
      ["CNI-000/b", "b"],
      ["CNI-000/c", "c"],
    ]);
    expect((error as ClaimError).message)
      .to.contain("what b says")
      .and.contain("what c says");
  });

  it("are one where one alone does not hold", async () => {
    expect(failureOf(await thrownBy(breaks("a"), holds("b")), "")).to.not.have.property("also");
  });

  it("are an error where one broke in our hands, whatever the others say", async () => {
    expect(failureOf(await thrownBy(breaks("a"), ours()), "")).to.include({ kind: "harness", code: "PL_SESSION" });
  });
});
