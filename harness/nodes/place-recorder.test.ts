import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { localTransport } from "./local-transport.ts";
import { placeRecorder } from "./place-recorder.ts";

describe("placeRecorder", () => {
  let dir = "";
  const t = localTransport();
  const at = (name: string): string => path.join(dir, name);
  const program = (name: string, text: string): void =>
    writeFileSync(at(name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const place = (): Promise<readonly string[]> => placeRecorder(t, { binDir: dir, program: at("the-recorder") });
  const read = (name: string): string => readFileSync(at(name), "utf8");

  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), "plumbline-recorder-"));
    program("the-recorder", "echo recorded");
    program("bridge", "echo bridge");
    program("portmap", "echo portmap");
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it("stands in front of what is there, and of nothing else", async () => {
    expect(await place()).to.deep.equal(["bridge"]);
    expect(read("bridge")).to.contain("echo recorded");
    expect(read("bridge.plumbline-recorded")).to.contain("echo bridge");
    expect(read("portmap")).to.contain("echo portmap");
  });

  it("does nothing twice", async () => {
    await place();
    expect(await place()).to.deep.equal([]);
    expect(read("bridge.plumbline-recorded")).to.contain("echo bridge");
  });

  it("records the binary that a rollout has put in its place", async () => {
    await place();
    program("bridge", "echo newer");
    expect(await place()).to.deep.equal(["bridge"]);
    expect(read("bridge.plumbline-recorded")).to.contain("echo newer");
  });

  it("leaves a binary behind a planted fault alone", async () => {
    program("bridge.plumbline-original", "echo bridge");
    program("bridge", "echo wrapper");
    expect(await place()).to.deep.equal([]);
    expect(read("bridge")).to.contain("echo wrapper");
  });
});
