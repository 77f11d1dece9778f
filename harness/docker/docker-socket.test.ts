import { expect } from "chai";
import { socketOf } from "./docker-socket.ts";

describe("socketOf", () => {
  it("is the path of a socket of this host, and nothing for other ways", () => {
    expect(socketOf("unix:///run/user/1000/docker.sock")).to.equal("/run/user/1000/docker.sock");
    expect(socketOf("ssh://build@host")).to.equal(undefined);
    expect(socketOf("tcp://10.0.0.1:2376")).to.equal(undefined);
    expect(socketOf("")).to.equal(undefined);
  });
});
