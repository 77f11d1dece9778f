import { expect } from "chai";
import { stringify } from "yaml";
import { accessIn, certificateAccess } from "./certificate-access.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

function kubeconfig(changes: { readonly cluster?: object; readonly user?: object; readonly context?: string } = {}) {
  const cluster = { server: "https://127.0.0.1:6443", "certificate-authority-data": base64("ca"), ...changes.cluster };
  const user = changes.user ?? { "client-certificate-data": base64("cert"), "client-key-data": base64("key") };
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": changes.context ?? "kind-a",
    contexts: [{ name: "kind-a", context: { cluster: "kind-a", user: "kind-a", namespace: "default" } }],
    clusters: [{ name: "kind-a", cluster }],
    users: [{ name: "kind-a", user }],
  });
}

describe("accessIn", () => {
  it("takes a kubeconfig as kind writes it", () => {
    const access = accessIn(kubeconfig());
    expect(access?.server).to.equal("https://127.0.0.1:6443");
    expect(access?.dispatcher).not.to.equal(undefined);
  });

  it("leaves every other one to the Kubernetes client", () => {
    const others = {
      token: kubeconfig({ user: { token: "t" } }),
      exec: kubeconfig({ user: { exec: { command: "aws" } } }),
      files: kubeconfig({ user: { "client-certificate": "/c", "client-key": "/k" } }),
      insecure: kubeconfig({ cluster: { "insecure-skip-tls-verify": true } }),
      proxy: kubeconfig({ cluster: { "proxy-url": "http://proxy" } }),
      nowhere: kubeconfig({ context: "other" }),
      rubbish: ": : :",
      empty: "",
    };
    const taken = Object.entries(others).filter(([, text]) => accessIn(text) !== undefined);
    expect(taken.map(([what]) => what)).to.deep.equal([]);
    expect(certificateAccess("/nowhere/kubeconfig")).to.equal(undefined);
  });
});
