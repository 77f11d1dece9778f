import { expect } from "chai";
import { PlumblineError } from "../core/errors.ts";
import { chosenCluster } from "./chosen-cluster.ts";

const clusters = [{ name: "lab" }, { name: "plumbline-ptp-thick" }];

function refusal(names: readonly string[], name: string | undefined): PlumblineError {
  try {
    chosenCluster(
      names.map((each) => ({ name: each })),
      name,
    );
  } catch (error) {
    if (error instanceof PlumblineError) return error;
  }
  return expect.fail("it was chosen");
}

describe("chosenCluster", () => {
  it("is the one of the name, or the only one", () => {
    expect(chosenCluster(clusters, "lab")).to.equal(clusters[0]);
    expect(chosenCluster(clusters.slice(1), undefined)).to.equal(clusters[1]);
  });

  it("is never guessed", () => {
    expect(refusal(["a", "b"], undefined)).to.include({ code: "PL_CLUSTER_AMBIGUOUS", kind: "usage" });
    expect(refusal(["plumbline-ptp-thick", "lab"], "plumbline-ptp-thik")).to.include({
      code: "PL_CLUSTER_UNKNOWN",
      hint: "did you mean plumbline-ptp-thick?",
    });
    expect(refusal([], "lab").hint).to.contain("no cluster");
  });
});
