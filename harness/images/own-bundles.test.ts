import { spawn } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { expect } from "chai";
import { bundleKey, makeBundle } from "./own-bundles.ts";
import { BUNDLES } from "./recipe.ts";

describe("bundles of programs for pods", () => {
  let dir: string;
  let home: string | undefined;
  before(() => {
    dir = mkdtempSync(path.join(tmpdir(), "plumbline-bundle-"));
    home = process.env["PLUMBLINE_HOME"];
    process.env["PLUMBLINE_HOME"] = path.join(dir, "home");
  });
  after(() => {
    if (home === undefined) delete process.env["PLUMBLINE_HOME"];
    else process.env["PLUMBLINE_HOME"] = home;
    rmSync(dir, { recursive: true });
  });

  it("are one file that runs where there are no packages, and ends when it is told to", async () => {
    const [name] = BUNDLES;
    const file = await makeBundle(name);
    expect(await makeBundle(name)).to.equal(file);
    expect(path.basename(path.dirname(file))).to.equal(await bundleKey(name));
    // what the Node.js of the target lacks and esbuild does not add
    expect(readFileSync(file, "utf8")).to.not.match(/\.(toSorted|toReversed|toSpliced)\(/u);
    mkdirSync(path.join(dir, "devices"));
    const config = path.join(dir, "config.json");
    const dirs = {
      socketDir: dir,
      deviceInfoDir: dir,
      devicesDir: path.join(dir, "devices"),
      controlFile: `${dir}/c.json`,
    };
    writeFileSync(config, JSON.stringify({ ...dirs, pools: [{ resource: "sim.plumbline.test/vf" }] }));
    const child = spawn(process.execPath, [file, config], { cwd: "/", stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "exit");
    const events: unknown[] = [];
    for await (const line of createInterface(child.stdout)) {
      const { event } = JSON.parse(line) as { event: string };
      events.push(event);
      if (event === "control") child.kill("SIGTERM");
    }
    expect(events).to.deep.equal(["pool", "control", "stopping"]);
    expect(await ended).to.deep.equal([0, null]);
  });

  it("tell what is wrong with their arguments", async () => {
    const child = spawn(process.execPath, [await makeBundle("device-plugin")], { cwd: "/" });
    const ended = once(child, "exit");
    let output = "";
    for await (const chunk of child.stdout) output += String(chunk);
    expect(output).to.contain("usage: device-plugin CONFIG.json");
    expect(await ended).to.deep.equal([1, null]);
  });
});
