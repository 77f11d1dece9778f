import { expect } from "chai";
import { harnessError, PlumblineError } from "../core/errors.ts";
import type { KubeObject } from "../kube/client.ts";
import { lastWordsOf, withLastWords } from "./last-words.ts";

/** As the API told of a daemon of Multus v4.3.0 whose `readinessindicatorfile` was not there. */
const ended: KubeObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "kube-multus-ds-ldlnr" },
  spec: { nodeName: "n1" },
  status: {
    containerStatuses: [
      {
        name: "kube-multus",
        restartCount: 4,
        state: { running: {} },
        lastState: {
          terminated: {
            exitCode: 1,
            reason: "Error",
            message: "[verbose] multus-daemon started\n[error] still waiting for readinessindicatorfile @ /nowhere\n",
          },
        },
      },
    ],
  },
};
const running: KubeObject = {
  ...ended,
  status: { containerStatuses: [{ name: "kube-multus", restartCount: 0, state: { running: {} } }] },
};
const PODS = { namespace: "kube-system", labelSelector: "name=multus" };

async function caught(pods: () => Promise<readonly KubeObject[]>, thrown: Error): Promise<unknown> {
  return withLastWords({ list: pods } as never, PODS, async () => Promise.reject(thrown)).catch((e: unknown) => e);
}

describe("the last words of pods", () => {
  it("are how a container ended, how often it was started again, and its last line", () => {
    expect(lastWordsOf([ended, running])).to.deep.equal([
      "kube-multus on n1 ended (exit code 1, Error) and was started again, 4 in all: [error] still waiting for readinessindicatorfile @ /nowhere",
    ]);
  });

  it("stand in the error of what was waited for in vain, and its code stays", async () => {
    const late = harnessError("PL_STACK_READY", "waited 300 s", { hint: "h", context: { a: 1 } });
    const error = await caught(async () => [ended], late);
    expect(error).to.be.instanceOf(PlumblineError).and.include({ code: "PL_STACK_READY", hint: "h", cause: late });
    expect((error as Error).message).to.match(/^waited 300 s; kube-multus on n1 ended .* @ \/nowhere$/);
  });

  it("leave the error alone where nothing ended, where they cannot be had, and where it is an interrupt", async () => {
    const late = harnessError("PL_STACK_READY", "waited 300 s");
    expect(await caught(async () => [running], late)).to.equal(late);
    expect(await caught(async () => Promise.reject(new Error("no API")), late)).to.equal(late);
    const interrupt = new Error("interrupted");
    expect(await caught(async () => [ended], interrupt)).to.equal(interrupt);
  });
});
