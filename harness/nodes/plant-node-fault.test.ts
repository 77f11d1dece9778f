import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { PlumblineError } from "../core/errors.ts";
import type { NodeFault } from "./fault.ts";
import { localTransport } from "./local-transport.ts";
import { plantNodeFault } from "./plant-node-fault.ts";

describe("plantNodeFault", () => {
  let dir = "";
  const file = (): string => path.join(dir, "state");
  const write = (text: string): string[] => ["sh", "-c", 'printf "$2" > "$1"', "sh", file(), text];
  const faultOf = (plant: string[], undo: string[]): NodeFault => ({
    id: "test-fault",
    title: "a fault of the tests",
    noticedBy: [{ case: "STA-005", assertions: [] }],
    onNodes: { which: "each", state: ["cat", file()], plant, undo },
  });

  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), "plumbline-fault-"));
    writeFileSync(file(), "before");
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const note = (): string => path.join(dir, "undo", "test-fault.sh");
  const plant = async (fault: NodeFault) => plantNodeFault(localTransport(), fault, { undoDir: path.dirname(note()) });

  const codeOf = async (action: Promise<unknown>): Promise<string> =>
    action.then(
      () => "none",
      (error: unknown) => (error instanceof PlumblineError ? error.code : String(error)),
    );

  it("changes the node, says so, and puts it back", async () => {
    const planted = await plant(faultOf(write("planted"), write("before")));
    expect(planted.changed).to.equal(true);
    expect(readFileSync(file(), "utf8")).to.equal("planted");
    await planted.undo();
    expect(readFileSync(file(), "utf8")).to.equal("before");
    expect(existsSync(note()), "the note of how it is undone").to.equal(false);
  });

  it("notes on the node how it is undone, for whoever comes after a killed run", async () => {
    await plant(faultOf(write("planted"), write("it's before")));
    await localTransport().exec(["sh", note()], { timeoutMs: 10_000 });
    expect(readFileSync(file(), "utf8")).to.equal("it's before");
  });

  it("tells that nothing changed", async () => {
    const { changed } = await plant(faultOf(["true"], ["true"]));
    expect(changed).to.equal(false);
  });

  it("refuses to go on when the node is not as it was", async () => {
    const planted = await plant(faultOf(write("planted"), write("other")));
    expect(await codeOf(planted.undo())).to.equal("PL_FAULT_RESTORE");
  });

  it("undoes what it had begun", async () => {
    const [shell = "", flag = "", script = "", ...rest] = write("planted");
    const half = [shell, flag, `${script}; exit 1`, ...rest];
    expect(await codeOf(plant(faultOf(half, write("before"))))).to.equal("PL_NODE_EXEC");
    expect(readFileSync(file(), "utf8")).to.equal("before");
  });
});
