import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createSocket } from "node:dgram";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { packageFile } from "../core/package-root.ts";
import { run } from "../process/run.ts";

const SCRIPT = packageFile("fixtures", "scripts", "datagrams.sh");

/** As much of socat as the script uses; unlike that one it can be made to be late. */
const SOCAT = `#!${process.execPath}
const { createSocket } = require("node:dgram");
const { appendFileSync } = require("node:fs");
const [, from, to] = process.argv.slice(2);
const socket = createSocket("udp4");
if (from === "-") {
  const [, address, port] = /^UDP4-SENDTO:([^:]+):(\\d+),/.exec(to);
  process.stdin.on("data", (text) => socket.send(text, Number(port), address, () => socket.close()));
} else {
  const { BIND_MS, READ_MS } = process.env;
  socket.on("message", (text) => appendFileSync(/^OPEN:([^,]+)/.exec(to)[1], text));
  setTimeout(() => socket.bind(Number(from.split(":")[1]), () => {
    // it has its socket, and is busy
    const end = Date.now() + Number(READ_MS);
    while (Date.now() < end);
  }), Number(BIND_MS));
}
`;

describe("the script that listens for datagrams and sends them", () => {
  let dir = "";
  before(() => {
    dir = mkdtempSync(path.join(tmpdir(), "plumbline-datagrams-"));
    writeFileSync(path.join(dir, "socat"), SOCAT);
    chmodSync(path.join(dir, "socat"), 0o755);
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  const call = async (args: readonly string[], stdin: string, late: { BIND_MS: string; READ_MS: string }) => {
    const env = { ...late, PATH: `${dir}:${process.env["PATH"]}` };
    return (await run("sh", [SCRIPT, ...args], { env, stdin, timeoutMs: 20_000 })).stdout;
  };

  for (const [how, late] of [
    ["has its socket late", { BIND_MS: "400", READ_MS: "0" }],
    ["reads late", { BIND_MS: "0", READ_MS: "600" }],
  ] as const) {
    it(`misses nothing that is sent to a listener that ${how}`, async () => {
      const port = await freePort();
      const out = path.join(dir, `out-${late.BIND_MS}`);
      await call(["listen", port, out], "- own\n", late);
      try {
        await call(["send", port], "- lo 127.0.0.1 hello\n", late);
        expect(await call(["heard", port, out], "", late)).to.equal("own:hello\n");
      } finally {
        await call(["stop", out], "", late);
      }
    });
  }
});

async function freePort(): Promise<string> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return String(port);
}
