import { expect } from "chai";
import { hostError } from "../core/errors.ts";
import { explainKindFailure } from "./kind-failure.ts";

const failed = (words: string) => hostError("PL_CLUSTER_CREATE", `\`kind create cluster\` exited with 1: ${words}`);

describe("explainKindFailure", () => {
  for (const [words, code, says] of [
    ["Bind for 127.0.0.1:41731 failed: port is already allocated.", "PL_PORT_TAKEN", "port 41731 of this host"],
    ["listen tcp4 127.0.0.1:6443: bind: address already in use", "PL_PORT_TAKEN", "port 6443 of this host"],
    ["mkdir /var/lib/docker/x: no space left on device", "PL_DISK_FULL", "the disk that Docker's data lie on"],
    ["exec /usr/local/bin/entrypoint: exec format error", "PL_IMAGE_ARCH", "another architecture"],
  ] as const) {
    it(`tells what is wrong with the host: ${words}`, async () => {
      const error = failed(words);
      const explained = await explainKindFailure(error, undefined);
      expect(explained).to.include({ code, kind: "host", cause: error });
      expect((explained as Error).message)
        .to.contain(says)
        .and.to.contain(words);
      expect(explained).to.have.property("hint").that.matches(/\w/);
    });
  }

  it("leaves other errors alone", async () => {
    for (const error of [hostError("PL_DOCKER", "port is already allocated"), new Error("no space left on device")]) {
      expect(await explainKindFailure(error, undefined)).to.equal(error);
    }
  });
});
