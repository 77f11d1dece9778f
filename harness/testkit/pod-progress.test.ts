import { expect } from "chai";
import { isUnderWay } from "./pod-progress.ts";

const normal = (reason: string) => ({ type: "Normal", reason });
const warning = (reason: string) => ({ type: "Warning", reason });

describe("pod progress", () => {
  it("is under way when something was made on the node and nothing went wrong", () => {
    // As seen on a host with two clusters at work: ready 60.0 s after it was made.
    expect(isUnderWay(["Scheduled", "AddedInterface", "Pulled", "Created", "Started"].map(normal))).to.equal(true);
    expect(isUnderWay(["Scheduled", "AddedInterface"].map(normal))).to.equal(true);
  });

  it("is not when the node has told nothing of it", () => {
    expect(isUnderWay([])).to.equal(false);
    expect(isUnderWay([normal("Scheduled")])).to.equal(false);
  });

  it("is not when something went wrong, however far it came", () => {
    expect(isUnderWay([normal("Scheduled"), normal("AddedInterface"), warning("FailedCreatePodSandBox")])).to.equal(
      false,
    );
    expect(isUnderWay([normal("Started"), warning("BackOff")])).to.equal(false);
  });
});
