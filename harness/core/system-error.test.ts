import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { systemError } from "./system-error.ts";

function thrownBy(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("systemError", () => {
  it("makes an error of the host from what the system refuses", () => {
    // a device of every Linux that is always full
    const full = systemError(thrownBy(() => writeFileSync("/dev/full", "x")));
    expect(full).to.include({ code: "PL_DISK_FULL", kind: "host" });
    expect(full?.message).to.match(/^the disk is full: ENOSPC/);
    expect(full?.hint).to.contain("df -h");
    expect(full?.cause).to.be.instanceOf(Error);
  });

  it("leaves alone what may be a mistake of ours", () => {
    expect(systemError(thrownBy(() => readFileSync("/nowhere")))).to.equal(undefined);
    expect(systemError(new Error("ENOSPC"))).to.equal(undefined);
    expect(systemError("ENOSPC")).to.equal(undefined);
  });
});
