import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { z } from "zod";
import { fixtureFiles, readFixture } from "./read-fixture.ts";

describe("readFixture", () => {
  const dir = mkdtempSync(path.join(tmpdir(), "plumbline-fixture-"));
  after(() => rmSync(dir, { recursive: true }));
  const file = (name: string, text: string): string => {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
    return path.join(dir, name);
  };

  it("names the line of a syntax error", () => {
    const broken = file("broken.yaml", "a: 1\nb: [\n");
    expect(() => readFixture(z.object({}), broken))
      .to.throw(/not valid YAML.*\(3:1\)/s)
      .with.property("code", "PL_FIXTURE");
  });

  it("names the place of a wrong value", () => {
    const wrong = file("wrong.yaml", "a: { b: text }\n");
    expect(() => readFixture(z.object({ a: z.object({ b: z.number() }) }), wrong)).to.throw(/a\.b/);
  });

  it("gives no files where there is no folder", () => {
    expect(fixtureFiles(path.join(dir, "absent"))).to.deep.equal([]);
  });
});
