import { expect } from "chai";
import { eventually } from "./eventually.ts";

async function failure(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not fail");
}

describe("eventually", () => {
  it("repeats a check until it holds", async () => {
    let looks = 0;
    await eventually(() => void expect(++looks).to.equal(3));
    expect(looks).to.equal(3);
  });

  it("throws the last assertion when the bound has passed", async () => {
    let looks = 0;
    const error = await failure(eventually(() => void expect(++looks, "looks").to.equal(-1), { timeoutMs: 400 }));
    expect(error.message).to.equal(`looks: expected ${looks} to equal -1`);
    expect(looks).to.be.greaterThan(1);
  });

  it("does not wait for what is no assertion", async () => {
    let looks = 0;
    const broken = (): void => {
      looks++;
      throw new TypeError("broken");
    };
    expect(await failure(eventually(broken))).to.be.instanceOf(TypeError);
    expect(looks).to.equal(1);
  });
});
