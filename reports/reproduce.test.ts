import { expect } from "chai";
import { foldEvents } from "../harness/results/model.ts";
import { sampleEvents } from "../harness/results/sample-events.test-support.ts";
import { reproduceCase } from "./reproduce.ts";

/** The command for the first case of a run that was asked for so. */
function reproduced(stack: string, command: readonly string[]): string {
  const events = sampleEvents().map((event) => (event.type === "run-started" ? { ...event, stack, command } : event));
  const model = foldEvents(events);
  const [first] = model.cases;
  if (!first) throw new Error("the sample has no case");
  return reproduceCase(model, first);
}

describe("the command that runs a case again", () => {
  it("names the stack, and the plugin under test", () => {
    expect(reproduced("ptp-thick", ["run", "--stack", "ptp-thick", "--plugin=./my-cni"])).to.match(
      /^plumbline run --stack ptp-thick --plugin=\.\/my-cni --case \S+$/,
    );
  });

  it("names the configuration, and what else the cluster was made of", () => {
    const command = ["run", "--config", "lab.yaml", "--workers=3", "--ip-family", "dual", "--lanes", "2"];
    expect(reproduced("ptp-thick", command)).to.match(
      /^plumbline run --stack ptp-thick --config lab\.yaml --workers=3 --ip-family dual --case \S+$/,
    );
  });

  it("may disturb what the run might, and is as strict", () => {
    const command = ["run", "--allow-disruptive", "--strict", "--fail-fast", "--mirror", "reg.example/m"];
    expect(reproduced("existing", command)).to.match(
      /^plumbline run --mirror reg\.example\/m --allow-disruptive --strict --case \S+$/,
    );
  });

  it("names the cluster where that was the user's", () => {
    const command = [
      "run",
      "--cluster",
      "existing",
      "--kubeconfig=./k",
      "--profile",
      "quick",
      "--range",
      "10.99.0.0/16",
    ];
    expect(reproduced("existing", command)).to.match(
      /^plumbline run --cluster existing --kubeconfig=\.\/k --range 10\.99\.0\.0\/16 --case \S+$/,
    );
  });
});
