import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { imageFiles } from "./image-files.ts";
import type { Workshop } from "./workshop.ts";

describe("files of an image", () => {
  let source: string;
  before(async () => {
    source = await mkdtemp(path.join(tmpdir(), "plumbline-files-"));
    await mkdir(path.join(source, "script", "run"), { recursive: true });
    await writeFile(path.join(source, "script", "install.sh"), "");
    await writeFile(path.join(source, "script", "run", "watch.sh"), "");
  });
  after(() => rm(source, { recursive: true }));

  const workshop = { source: () => Promise.resolve(source) } as unknown as Workshop;

  it("of a module's source can be run where the recipe says so: one by itself, or those of a folder", async () => {
    const files = await imageFiles(
      [
        { source: "m", path: "script/install.sh", to: "/install.sh", executable: true },
        { source: "m", path: "script/install.sh", to: "/plain.sh", executable: [] },
        { source: "m", path: "script", to: "/all", executable: ["run"] },
      ],
      workshop,
    );
    const modes = Object.fromEntries(files.map(({ name, mode }) => [name, mode.toString(8)]));
    expect(modes).to.include({ "install.sh": "755", "all/run/watch.sh": "755" });
  });

  it("may be links", async () => {
    expect(await imageFiles([{ link: "bash", to: "/usr/bin/sh" }], workshop)).to.deep.equal([
      { name: "usr/bin/sh", mode: 0o777, linkTo: "bash" },
    ]);
  });
});
