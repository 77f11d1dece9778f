import { expect } from "chai";
import { isOrphan } from "./leftovers.ts";

/** Above the largest process id that Linux can give. */
const DEAD = 4_194_305;

describe("isOrphan", () => {
  const pattern = /-build-(\d+)-\d+$/;

  it("is a name of a process that has ended, and of no other", () => {
    expect(isOrphan(`plumbline-build-${DEAD}-1`, pattern)).to.equal(true);
    expect(isOrphan(`plumbline-build-${process.pid}-1`, pattern)).to.equal(false);
    expect(isOrphan("plumbline-build-x-1", pattern)).to.equal(false);
    expect(isOrphan("somebody-elses", pattern)).to.equal(false);
  });
});
