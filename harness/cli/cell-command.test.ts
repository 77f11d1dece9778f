import { expect } from "chai";
import { defaultConfig } from "../config/schema.ts";
import { cellCommand } from "./cell-command.ts";

describe("the command that runs a cell alone", () => {
  const cell = {
    stack: "ptp-thin",
    kubernetes: "v1.33.13",
    multus: "v4.2.3",
    cniVersion: undefined,
    plugin: undefined,
  };

  it("names what is installed, and the profile that a run would take by itself", () => {
    expect(cellCommand(cell, defaultConfig, undefined).join(" ")).to.equal(
      "run --stack ptp-thin --kubernetes v1.33.13 --multus v4.2.3 --workers 1 --ip-family ipv4 --profile quick",
    );
  });

  it("names the configuration and what chooses cases, so that it runs no others", () => {
    const config = { ...defaultConfig, workers: 3, layers: ["L0" as const], grep: "^CNI" };
    expect(cellCommand(cell, config, "lab.yaml").join(" ")).to.equal(
      "run --stack ptp-thin --kubernetes v1.33.13 --multus v4.2.3 --config lab.yaml --workers 3 --ip-family ipv4 --profile full --layer L0 --grep ^CNI",
    );
  });
});
