import { expect } from "chai";
import fc from "fast-check";
import { configTexts } from "../harness/config/config-texts.test-support.ts";
import { runCli, runCliIn } from "./run-cli.ts";
import { withFolder, writeFiles } from "./work-folder.ts";

describe("a random plumbline.yaml", () => {
  // the first start compiles the program
  before(async function () {
    this.timeout(180_000);
    await runCli(["--version"]);
  });

  it("shows no stack where plumbline.yaml is read as far as stacks, profiles and cases", async function () {
    this.timeout(240_000);
    await fc.assert(
      fc.asyncProperty(configTexts, (text) =>
        withFolder(async (home) => {
          writeFiles(home, { "plumbline.yaml": text, "m.yaml": "mode: [thick, thin]\n" });
          const { exitCode, stdout, stderr } = await runCliIn(home, ["matrix", "plan", "--matrix", "m.yaml"]);
          expect(stderr).to.not.match(/^\s+at /m);
          expect(exitCode === 0 ? stdout : stderr).to.match(exitCode === 0 ? /^2 cells/ : /^error: [^]*\[PL_[A-Z_]+\]/);
          expect(exitCode).to.be.oneOf([0, 2]);
        }),
      ),
      { numRuns: 12 },
    );
  });

  it("never shows a stack, nor another exit code, whatever plumbline.yaml holds", async function () {
    this.timeout(240_000);
    await fc.assert(
      fc.asyncProperty(configTexts, (text) =>
        withFolder(async (home) => {
          writeFiles(home, { "plumbline.yaml": text });
          // a valid one gets as far as what it names, or the record, which is not there
          const { exitCode, stdout, stderr } = await runCliIn(home, ["run", "--failed", "gone"]);
          expect([exitCode, stdout]).to.deep.equal([2, ""]);
          expect(stderr).to.not.match(/^\s+at /m);
          expect(stderr).to.match(
            /^error: plumbline\.yaml:[1-9]\d*:[1-9]\d*: [^]*\[PL_[A-Z_]+\]|\[PL_RECORD_MISSING\]/,
          );
        }),
      ),
      { numRuns: 25 },
    );
  });
});
