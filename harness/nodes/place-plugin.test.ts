import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { PlumblineError } from "../core/errors.ts";
import { sha256 } from "../core/json.ts";
import { localTransport } from "./local-transport.ts";
import { placePlugin, removePlugins, stagePlugin, type PlacedPlugin } from "./place-plugin.ts";
import { placeRecorder } from "./place-recorder.ts";

describe("a plugin under test on a node", () => {
  let dir = "";
  const t = localTransport();
  const options = () => ({ binDir: dir, stateDir: path.join(dir, "state") });
  const at = (name: string): string => path.join(dir, name);
  const write = (name: string, text: string): void => writeFileSync(at(name), text, { mode: 0o755 });
  const read = (name: string): string => readFileSync(at(name), "utf8");
  const plugin = (
    name: string,
    text: string,
    needs: Partial<Pick<PlacedPlugin, "interpreter" | "arch">> = {},
  ): PlacedPlugin => {
    return {
      name,
      content: Buffer.from(text),
      sha256: sha256(text),
      interpreter: undefined,
      arch: undefined,
      ...needs,
    };
  };
  const place = async (what: PlacedPlugin): Promise<boolean> => {
    await stagePlugin(t, what, options());
    return placePlugin(t, what, options());
  };
  const refusal = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => expect.fail("it was placed"),
      (error: unknown) => (error instanceof PlumblineError ? error.code : expect.fail(String(error))),
    );

  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), "plumbline-placed-"));
    write("the-recorder", "the recorder");
    write("bridge", "bridge");
    write("tuning", "tuning");
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it("is placed once, and again when it was edited", async () => {
    expect(await place(plugin("mine", "one"))).to.equal(true);
    expect(statSync(at("mine")).mode & 0o777).to.equal(0o755);
    expect(await place(plugin("mine", "one"))).to.equal(false);
    expect(await place(plugin("mine", "two"))).to.equal(true);
    expect(read("mine")).to.equal("two");
  });

  it("goes, and what had its name comes back", async () => {
    await place(plugin("mine", "one"));
    await place(plugin("tuning", "one"));
    await place(plugin("tuning", "two"));
    expect(await removePlugins(t, options())).to.have.members(["mine", "tuning"]);
    expect(existsSync(at("mine"))).to.equal(false);
    expect(read("tuning")).to.equal("tuning");
    expect(await removePlugins(t, options())).to.deep.equal([]);
  });

  it("stays where it is asked for again", async () => {
    await place(plugin("mine", "one"));
    expect(await removePlugins(t, { ...options(), except: "mine" })).to.deep.equal([]);
    expect(read("mine")).to.equal("one");
  });

  it("does not stay where it stands in for another", async () => {
    await place(plugin("tuning", "one"));
    expect(await removePlugins(t, { ...options(), except: "tuning" })).to.deep.equal(["tuning"]);
    expect(read("tuning")).to.equal("tuning");
  });

  it("lies behind the recorder, whichever came first", async () => {
    const record = () => placeRecorder(t, { binDir: dir, program: at("the-recorder"), also: ["mine"] });
    await record();
    await place(plugin("bridge", "a fork"));
    await place(plugin("mine", "one"));
    await record();
    expect(["bridge", "mine"].map(read)).to.deep.equal(["the recorder", "the recorder"]);
    expect(["bridge", "mine"].map((name) => read(`${name}.plumbline-recorded`))).to.deep.equal(["a fork", "one"]);
    expect(await place(plugin("mine", "one"))).to.equal(false);
    expect(await place(plugin("mine", "two"))).to.equal(true);
    expect(read("mine.plumbline-recorded")).to.equal("two");
    await removePlugins(t, options());
    expect(read("bridge.plumbline-recorded")).to.equal("bridge");
    expect(["mine", "mine.plumbline-recorded"].map((name) => existsSync(at(name)))).to.deep.equal([false, false]);
  });

  it("is refused without what starts it, and in front of a fault", async () => {
    expect(await refusal(place(plugin("mine", "x", { interpreter: "/no/such/loader.so" })))).to.equal(
      "PL_PLUGIN_INTERPRETER",
    );
    const own = process.arch === "x64" ? "amd64" : process.arch;
    expect(await place(plugin("mine", "x", { arch: own }))).to.equal(true);
    expect(await refusal(place(plugin("other", "x", { arch: "s390x" })))).to.equal("PL_PLUGIN_ARCH");
    write("bridge.plumbline-original", "bridge");
    expect(await refusal(place(plugin("bridge", "x")))).to.equal("PL_FAULT_PLANTED");
  });
});
