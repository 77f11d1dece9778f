import { expect } from "chai";
import { isNetworksRefusal } from "./setup-failure.ts";

const refusal = (why: string): string =>
  `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "890d": plugin type="multus" name="multus-cni-network" failed (add): Multus: [a/b/c]: ${why}`;

describe("isNetworksRefusal", () => {
  const sandBox = (message: string) => ({ reason: "FailedCreatePodSandBox", message });

  it("takes what a plugin said for the plugin's doing", () => {
    expect(
      isNetworksRefusal(sandBox(refusal("error adding container to network: no IP addresses available"))),
    ).to.equal(true);
    expect(
      isNetworksRefusal({ reason: "NoNetworkFound", message: "cannot find a network-attachment-definition" }),
    ).to.equal(true);
  });

  const ofTheHost: [string, string][] = [
    [
      "an API server that does not answer in time",
      refusal(
        'error waiting for pod: Get "https://10.96.0.1:443/api/v1/namespaces/a/pods/b?timeout=1m0s": context deadline exceeded',
      ),
    ],
    [
      "an API server that is not there",
      refusal(
        'error getting k8s client: Get "https://10.96.0.1:443/api": dial tcp 10.96.0.1:443: connect: connection refused',
      ),
    ],
    [
      "an API server whose answer breaks off",
      refusal(
        "error waiting for pod: unexpected error when reading response body. Please retry. Original error: context deadline exceeded",
      ),
    ],
    ["a full disk", refusal("write /var/lib/cni/multus/x: no space left on device")],
    [
      "a runtime that could not make the sandbox",
      "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to create containerd task: failed to create shim task",
    ],
    [
      "a call that took too long",
      "Failed to create pod sandbox: rpc error: code = DeadlineExceeded desc = context deadline exceeded",
    ],
  ];
  for (const [what, message] of ofTheHost) {
    it(`does not blame a plugin for ${what}`, () => {
      expect(isNetworksRefusal(sandBox(message))).to.equal(false);
    });
  }

  it("does not blame a plugin for what other events tell", () => {
    expect(isNetworksRefusal({ reason: "FailedScheduling", message: "0/1 nodes are available" })).to.equal(false);
  });
});
