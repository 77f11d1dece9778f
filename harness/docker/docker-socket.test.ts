import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { hostOf, socketOf } from "./docker-socket.ts";

describe("socketOf", () => {
  it("is the path of a socket of this host, and nothing for other ways", () => {
    expect(socketOf("unix:///run/user/1000/docker.sock")).to.equal("/run/user/1000/docker.sock");
    expect(socketOf("ssh://build@host")).to.equal(undefined);
    expect(socketOf("tcp://10.0.0.1:2376")).to.equal(undefined);
    expect(socketOf("")).to.equal(undefined);
  });
});

describe("hostOf", () => {
  let dir = "";
  beforeEach(() => (dir = mkdtempSync(path.join(tmpdir(), "plumbline-docker-"))));
  afterEach(() => rmSync(dir, { recursive: true }));
  const configured = (text: string): string => {
    writeFileSync(path.join(dir, "config.json"), text);
    return dir;
  };

  it("is what DOCKER_HOST says, before anything else", async () => {
    const DOCKER_CONFIG = configured('{ "currentContext": "far" }');
    const host = await hostOf({ DOCKER_HOST: "tcp://10.0.0.1:2376", DOCKER_CONTEXT: "other", DOCKER_CONFIG });
    expect(host).to.equal("tcp://10.0.0.1:2376");
  });

  it("is the socket that the client looks at by itself, where no context is named", async () => {
    const standard = "unix:///var/run/docker.sock";
    expect(await hostOf({ DOCKER_CONFIG: dir }), "no configuration").to.equal(standard);
    expect(await hostOf({ DOCKER_CONFIG: configured('{ "auths": {} }') })).to.equal(standard);
    expect(await hostOf({ DOCKER_CONFIG: configured('{ "currentContext": "default" }') })).to.equal(standard);
  });
});
