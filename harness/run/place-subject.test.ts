import { expect } from "chai";
import { loadNetworkTemplate } from "../config/network-templates.ts";
import { PlumblineError } from "../core/errors.ts";
import { versionFor, versionsIn } from "./place-subject.ts";

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof PlumblineError) return `${error.code} ${error.kind} ${error.message}`;
    throw error;
  }
  return expect.fail("it was accepted");
}

describe("what a plugin answers to VERSION", () => {
  const said = (stdout: string, exitCode = 0, stderr = "") => ({ stdout, stderr, exitCode });

  it("names the versions that it supports", () => {
    const answer = said('{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}\n');
    expect(versionsIn("mine", answer)).to.deep.equal(["0.4.0", "1.0.0"]);
  });

  it("is refused as rubbish, with its words", () => {
    const refused = (answer: Parameters<typeof versionsIn>[1]): string => refusal(() => versionsIn("mine", answer));
    const begin = "PL_PLUGIN_VERSION usage mine is no CNI plugin: asked for VERSION, it said";
    expect(refused(said("hello"))).to.equal(`${begin} hello (exit 0)`);
    expect(refused(said("", 2, "usage: mine FILE"))).to.equal(`${begin} usage: mine FILE (exit 2)`);
    expect(refused(said('{"supportedVersions":[]}'))).to.equal(`${begin} {"supportedVersions":[]} (exit 0)`);
    expect(refused(said('{"supportedVersions":["1.0.0"]}', 1))).to.contain("(exit 1)");
    expect(refused({ ...said("", -1), timedOut: true })).to.equal(`${begin} nothing (was stopped after 10 s)`);
  });

  it("decides what its configurations are written in", () => {
    const template = loadNetworkTemplate("bridge");
    const plugin = { name: "mine", template, versionIsGiven: false };
    expect(versionFor(plugin, ["0.3.1", "0.4.0"])).to.equal("0.4.0");
    expect(versionFor(plugin, ["0.4.0", "1.0.0", "1.1.0"])).to.equal("1.0.0");
    expect(refusal(() => versionFor({ ...plugin, versionIsGiven: true }, ["0.4.0"]))).to.contain(
      "PL_PLUGIN_VERSION usage mine supports 0.4.0, and not 1.0.0",
    );
    expect(refusal(() => versionFor(plugin, ["0.1.0"]))).to.contain("mine supports 0.1.0, and not 1.0.0");
  });
});
