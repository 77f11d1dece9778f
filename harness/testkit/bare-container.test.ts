import { expect } from "chai";
import { inShort } from "./bare-container.ts";

const answer = (exitCode: number, stdout: string, json?: Readonly<Record<string, unknown>>) => ({
  exitCode,
  json,
  stdout,
  stderr: "",
});

describe("an answer of a plugin in short", () => {
  it("tells the exit code, and the error or how the output begins", () => {
    expect(inShort(answer(0, ""))).to.equal("exit 0");
    expect(inShort(answer(0, '{"ips":[]}\n', { ips: [] }))).to.equal('exit 0 {"ips":[]}');
    expect(inShort(answer(1, "", { code: 7, msg: "no name" }))).to.equal("exit 1: 7, no name");
    expect(inShort(answer(1, "", { code: 4, msg: "bad", details: "CNI_NETNS" }))).to.equal("exit 1: 4, bad, CNI_NETNS");
    expect(inShort(answer(2, "panic"))).to.equal("exit 2: panic");
  });
});
