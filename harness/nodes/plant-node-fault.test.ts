import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

  const codeOf = async (action: Promise<unknown>): Promise<string> =>
    action.then(
      () => "none",
      (error: unknown) => (error instanceof PlumblineError ? error.code : String(error)),
    );

  it("changes the node, says so, and puts it back", async () => {
    const planted = await plantNodeFault(localTransport(), faultOf(write("planted"), write("before")));
    expect(planted.changed).to.equal(true);
    expect(readFileSync(file(), "utf8")).to.equal("planted");
    await planted.undo();
    expect(readFileSync(file(), "utf8")).to.equal("before");
  });

  it("tells that nothing changed", async () => {
    const { changed } = await plantNodeFault(localTransport(), faultOf(["true"], ["true"]));
    expect(changed).to.equal(false);
  });

  it("refuses to go on when the node is not as it was", async () => {
    const planted = await plantNodeFault(localTransport(), faultOf(write("planted"), write("other")));
    expect(await codeOf(planted.undo())).to.equal("PL_FAULT_RESTORE");
  });

  it("undoes what it had begun", async () => {
    const [shell = "", flag = "", script = "", ...rest] = write("planted");
    const plant = [shell, flag, `${script}; exit 1`, ...rest];
    expect(await codeOf(plantNodeFault(localTransport(), faultOf(plant, write("before"))))).to.equal("PL_NODE_EXEC");
    expect(readFileSync(file(), "utf8")).to.equal("before");
  });
});
