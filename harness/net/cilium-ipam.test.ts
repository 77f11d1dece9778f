import { expect } from "chai";
import { ciliumLeases } from "./cilium-ipam.ts";

const ID = "a".repeat(64);

const node = {
  kind: "CiliumNode",
  metadata: { name: "worker" },
  spec: {
    addresses: [
      { type: "InternalIP", ip: "172.18.0.3" },
      { type: "CiliumInternalIP", ip: "10.244.1.7" },
    ],
  },
};

const endpoint = (identifiers: object) => ({
  kind: "CiliumEndpoint",
  metadata: { name: "p", namespace: "n" },
  status: {
    "external-identifiers": identifiers,
    networking: { addressing: [{ ipv4: "10.244.1.12", ipv6: "fd00::c" }], node: "172.18.0.3" },
    state: "ready",
  },
});

describe("ciliumLeases", () => {
  it("finds the addresses of a container, and the node by its address", () => {
    const found = ciliumLeases([node, endpoint({ "container-id": ID, "k8s-pod-name": "p" })]);
    const common = {
      store: "cilium",
      object: "CiliumEndpoint n/p",
      network: "cilium",
      containerId: ID,
      node: "worker",
    };
    expect(found).to.deep.equal([
      { ...common, address: "10.244.1.12" },
      { ...common, address: "fd00::c" },
    ]);
  });

  it("knows the container by the attachment where it stands for it", () => {
    const [first] = ciliumLeases([endpoint({ "cni-attachment-id": `${ID}:eth0` })]);
    expect(first).to.include({ containerId: ID });
    expect(first?.node).to.equal(undefined);
  });

  it("passes over an endpoint of no container, and what has no status yet", () => {
    expect(ciliumLeases([endpoint({}), { kind: "CiliumEndpoint", metadata: { name: "q" } }])).to.deep.equal([]);
  });
});
