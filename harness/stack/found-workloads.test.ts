import { expect } from "chai";
import { multusWorkload, type Workload } from "./found-workloads.ts";

const workload = (name: string, ...images: readonly string[]): Workload => ({ namespace: "kube-system", name, images });

describe("the DaemonSet that brings Multus", () => {
  const controller = workload(
    "dynamic-networks-controller-ds",
    "ghcr.io/k8snetworkplumbingwg/multus-dynamic-networks-controller:v0.3.7",
  );

  const images = [
    "ghcr.io/k8snetworkplumbingwg/multus-cni:v4.3.0-thick",
    "registry.example:5000/multus:latest",
    `rancher/hardened-multus-cni@sha256:${"0".repeat(64)}`,
    "plumbline/multus-thin:0123",
    "multus-thick",
  ];
  for (const image of images) {
    it(`is the one that runs ${image.slice(0, 60)}, and no other that goes with it`, () => {
      const multus = workload("kube-multus-ds", image);
      expect(multusWorkload([controller, workload("kube-proxy", "kube-proxy:v1"), multus])).to.equal(multus);
    });
  }

  it("is the one whose image is named after it, where none has the usual name", () => {
    const own = workload("net", "example.com/our-multus-build:v1");
    expect(multusWorkload([workload("kube-proxy", "kube-proxy:v1"), own])).to.equal(own);
    expect(multusWorkload([])).to.equal(undefined);
  });
});
