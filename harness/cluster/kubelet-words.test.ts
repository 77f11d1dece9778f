import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { kubeletWords } from "./kubelet-words.ts";

describe("what a kubelet that does not start says", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "plumbline-logs-"));
  after(() => rmSync(folder, { recursive: true }));

  it("is found in the logs of the nodes, the last of it, and is nothing where they run", async () => {
    for (const node of ["a-control-plane", "a-worker"]) mkdirSync(path.join(folder, node));
    writeFileSync(path.join(folder, "kind-version.txt"), "kind v0");
    const log = (...errors: readonly string[]): string =>
      errors.map((error) => `n kubelet[9]: E1130 1 9 run.go:72] "command failed" err="${error}"\n`).join("");
    writeFileSync(path.join(folder, "a-control-plane", "kubelet.log"), "n kubelet[9]: I1130 started\n");
    expect(await kubeletWords(folder)).to.equal(undefined);
    writeFileSync(path.join(folder, "a-worker", "kubelet.log"), log("first", 'no \\"x\\" on cgroup v1'));
    expect(await kubeletWords(folder)).to.equal('the kubelet of a-worker ends: no \\"x\\" on cgroup v1');
  });
});
