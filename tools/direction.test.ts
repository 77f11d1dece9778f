import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { packageFile } from "../harness/core/package-root.ts";
import { checkDirection, directionRules, type Violation } from "./direction.ts";

/** One violation of each rule: rule -> [file, its text]. What the files import stands in `GOOD`. */
const PLANTED: Readonly<Record<string, readonly [file: string, text: string]>> = {
  "room-core": ["harness/core/a.ts", `import "../cli/main.ts";`],
  "room-net": ["harness/net/a.ts", `import type { X } from "../nodes/good.ts"; export type Y = X;`],
  "room-config": ["harness/config/a.ts", `import "../process/good.ts";`],
  "room-process": ["harness/process/a.ts", `export const later = import("../docker/good.ts");`],
  "room-host": ["harness/host/a.ts", `import "../docker/good.ts";`],
  "room-docker": ["harness/docker/a.ts", `import "../kube/good.ts";`],
  "room-kube": ["harness/kube/a.ts", `import "../nodes/good.ts";`],
  "room-nodes": ["harness/nodes/a.ts", `import "../images/good.ts";`],
  "room-images": ["harness/images/a.ts", `import "../cluster/good.ts";`],
  "room-cluster": ["harness/cluster/a.ts", `import "../stack/good.ts";`],
  "room-stack": ["harness/stack/a.ts", `import "../plan/good.ts";`],
  "room-plan": ["harness/plan/a.ts", `import "../results/good.ts";`],
  "room-results": ["harness/results/a.ts", `import "../verdicts/good.ts";`],
  "room-verdicts": ["harness/verdicts/a.ts", `import "../testkit/index.ts";`],
  "room-testkit": ["harness/testkit/a.ts", `import "../run/good.ts";`],
  "room-run": ["harness/run/a.ts", `import "../cli/main.ts";`],
  "home-of-execa": ["harness/nodes/b.ts", `import "execa";`],
  "home-of-@kubernetes/client-node": ["harness/stack/b.ts", `import "@kubernetes/client-node";`],
  "home-of-undici": ["suites/b.suite.ts", `import "undici";`],
  "home-of-dockerode": ["harness/nodes/f.ts", `import "dockerode";`],
  "home-of-testcontainers": ["harness/cluster/b.ts", `import "testcontainers";`],
  "home-of-commander": ["harness/run/b.ts", `import type { Command } from "commander"; export type C = Command;`],
  "home-of-esbuild": ["harness/stack/e.ts", `import "esbuild";`],
  "home-of-grpc": ["harness/kube/e.ts", `import "@grpc/grpc-js";`],
  "device-plugin-stands-alone": ["device-plugin/a.ts", `import "../harness/core/good.ts";`],
  "device-plugin-is-not-imported": ["harness/stack/f.ts", `import "../../device-plugin/good.ts";`],
  "home-of-mocha": ["reports/b.ts", `import "mocha";`],
  "rooms-are-listed": ["harness/run/c.ts", `import "../attic/good.ts";`],
  "harness-stands-alone": ["harness/run/d.ts", `import "../../reports/good.ts";`],
  "cli-imports-no-suite": ["harness/cli/d.ts", `import "../../suites/good.suite.ts";`],
  "suites-use-the-front-door": ["suites/e.suite.ts", `import "../harness/testkit/good.ts";`],
  "reports-read-the-record": ["reports/e.ts", `import "../harness/plan/good.ts";`],
  "pure-rooms": ["harness/verdicts/e.ts", `import "node:fs";`],
  "no-child-process": ["harness/images/e.ts", `import "node:child_process";`],
  "no-cycles": ["harness/core/cycle-back.ts", `import "./cycle.ts";`],
  "no-orphans": ["harness/core/orphan.ts", `export const alone = 1;`],
  "no-dev-package": ["harness/core/f.ts", `import "fast-check";`],
  "no-undeclared-package": ["harness/core/g.ts", `import "undeclared";`],
  "everything-resolves": ["harness/core/h.ts", `import "./nowhere.ts";`],
};

const ROOMS_WITH_A_GOOD_FILE =
  "process docker kube nodes images cluster stack plan results verdicts testkit run attic".split(" ");

const GOOD: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify({ name: "planted", type: "module" }),
  "harness/core/good.ts": `export interface X { readonly x: number }`,
  "harness/core/cycle.ts": `export const later = import("./cycle-back.ts");`,
  "harness/cli/main.ts": `import "../core/good.ts"; import "commander"; import "../../reports/good.ts";`,
  "harness/testkit/index.ts": `import "./good.ts";`,
  "suites/good.suite.ts": `import "../harness/testkit/index.ts"; import "chai";`,
  "device-plugin/good.ts": `import "@grpc/grpc-js";`,
  "reports/good.ts": `import "../harness/results/good.ts"; import "node:fs";`,
  ...Object.fromEntries(
    ROOMS_WITH_A_GOOD_FILE.map((room) => [`harness/${room}/good.ts`, `export type { X } from "../core/good.ts";`]),
  ),
};

/** A tree with our dependencies, which package.json declares, and one that it does not. */
function plant(files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(path.join(tmpdir(), "plumbline-direction-"));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    writeFileSync(path.join(dir, file), text);
  }
  const packages = ["execa", "undici", "dockerode", "testcontainers", "commander", "mocha", "chai", "esbuild"];
  const scoped = ["@kubernetes/client-node", "@grpc/grpc-js"];
  const manifest = {
    name: "planted",
    type: "module",
    dependencies: Object.fromEntries([...packages, ...scoped].map((name) => [name, "*"])),
    devDependencies: { "fast-check": "*" },
  };
  writeFileSync(path.join(dir, "package.json"), JSON.stringify(manifest));
  for (const name of [...packages, ...scoped, "fast-check", "undeclared"]) {
    const home = path.join(dir, "node_modules", name);
    mkdirSync(home, { recursive: true });
    writeFileSync(path.join(home, "package.json"), JSON.stringify({ name, version: "1.0.0", main: "index.js" }));
    writeFileSync(path.join(home, "index.js"), "");
  }
  symlinkSync(packageFile("tsconfig.json"), path.join(dir, "tsconfig.json"));
  return dir;
}

async function violationsOf(files: Readonly<Record<string, string>>): Promise<readonly Violation[]> {
  const dir = plant(files);
  try {
    const { cruised, violations } = await checkDirection(dir, ["device-plugin", "harness", "suites", "reports"]);
    expect(cruised).to.be.greaterThan(0);
    return violations;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

describe("direction rules", () => {
  let found: readonly Violation[];
  before(async () => {
    found = await violationsOf({ ...GOOD, ...Object.fromEntries(Object.values(PLANTED)) });
  });

  it("have a planted violation each", async () => {
    expect(Object.keys(PLANTED).toSorted()).to.deep.equal((await directionRules()).toSorted());
  });

  for (const [rule, [file]] of Object.entries(PLANTED)) {
    it(`report ${rule}`, () => {
      expect(found.filter((v) => v.rule === rule).map((v) => v.from)).to.include(file);
    });
  }

  it("are content with a tree that keeps them", async () => {
    const { "harness/core/cycle.ts": _cycle, "harness/attic/good.ts": _attic, ...rest } = GOOD;
    expect(await violationsOf(rest)).to.deep.equal([]);
  });
});
