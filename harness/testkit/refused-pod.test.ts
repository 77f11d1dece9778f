import { expect } from "chai";
import type { KubeClient } from "../kube/client.ts";
import { refusalOf } from "./refused-pod.ts";
import type { TestPod } from "./test-pod.ts";

const [first, second] = ["a".repeat(64), "b".repeat(64)];
const setup = (sandbox: string, why: string) => ({
  type: "Warning",
  reason: "FailedCreatePodSandBox",
  message: `failed to setup network for sandbox "${sandbox}": plugin type="multus" failed (add): ${why}`,
});

describe("refusalOf", () => {
  it("leaves out what an API server did that does not answer, but not the sandbox of that try", async () => {
    const events = [
      { type: "Normal", reason: "Scheduled", message: "assigned" },
      setup(first, 'error waiting for pod: Get "https://10.96.0.1:443/api/v1/x": context deadline exceeded'),
      setup(second, "unexpected end of JSON input"),
      { type: "Warning", reason: "NoNetworkFound", message: "cannot find a network-attachment-definition" },
    ];
    const kube = { events: () => Promise.resolve(events) } as unknown as KubeClient;
    const { messages, sandboxIds } = await refusalOf(kube, { namespace: "ns", name: "p" } as TestPod);
    expect(messages).to.have.length(2);
    expect(messages[0]).to.contain("unexpected end of JSON input");
    expect(messages[1]).to.equal("NoNetworkFound: cannot find a network-attachment-definition");
    expect(sandboxIds).to.deep.equal([first, second]);
  });
});
