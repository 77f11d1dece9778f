import { expect } from "chai";
import { calicoLeases } from "./calico-ipam.ts";

const ID = "a".repeat(64);
const GONE = "b".repeat(64);

/** As the API has it, with what the harness does not look at left out: 10.244.1.64/26, four addresses taken. */
const block = {
  apiVersion: "crd.projectcalico.org/v1",
  kind: "IPAMBlock",
  metadata: { name: "10-244-1-64-26" },
  spec: {
    cidr: "10.244.1.64/26",
    affinity: "host:worker",
    strictAffinity: false,
    allocations: [0, null, 1, null, 2, ...Array.from({ length: 59 }, () => null)],
    attributes: [
      { handle_id: "vxlan-tunnel-addr-worker", secondary: { node: "worker", type: "vxlanTunnelAddress" } },
      {
        handle_id: `k8s-pod-network.${ID}`,
        secondary: { namespace: "n", node: "worker", pod: "p", timestamp: "2026-11-28 17:00:00 +0000 UTC" },
      },
      { handle_id: `k8s-pod-network.${GONE}`, secondary: { namespace: "n", node: "other", pod: "q" } },
    ],
    unallocated: [1, 3],
    deleted: false,
  },
};

const handle = (containerId: string, more: object = {}) => ({
  kind: "IPAMHandle",
  metadata: { name: `k8s-pod-network.${containerId}` },
  spec: { handleID: `k8s-pod-network.${containerId}`, block: { "10.244.1.64/26": 1 }, deleted: false, ...more },
});

describe("calicoLeases", () => {
  it("finds the address of each container by its place in the block, and not the tunnel's", () => {
    expect(calicoLeases([block])).to.deep.equal([
      {
        store: "calico",
        object: "IPAMBlock 10-244-1-64-26",
        network: "k8s-pod-network",
        address: "10.244.1.66",
        containerId: ID,
        node: "worker",
      },
      {
        store: "calico",
        object: "IPAMBlock 10-244-1-64-26",
        network: "k8s-pod-network",
        address: "10.244.1.68",
        containerId: GONE,
        node: "other",
      },
    ]);
  });

  it("tells of handles that lead to no address, and of no others", () => {
    const orphan = "c".repeat(64);
    const found = calicoLeases([
      block,
      handle(ID),
      handle(GONE),
      handle(orphan),
      handle("d".repeat(64), { deleted: true }),
    ]);
    expect(found.slice(2)).to.deep.equal([
      {
        store: "calico",
        object: `IPAMHandle k8s-pod-network.${orphan}`,
        network: "k8s-pod-network",
        address: "",
        containerId: orphan,
        node: undefined,
      },
    ]);
    const tunnel = { metadata: { name: "t" }, spec: { handleID: "vxlan-tunnel-addr-worker", block: {} } };
    expect(calicoLeases([tunnel])).to.deep.equal([]);
  });

  it("reads IPv6 blocks, and passes over what is of another shape", () => {
    const spec = {
      ...block.spec,
      cidr: "fd00:10:244::40/122",
      allocations: [null, 0],
      attributes: [block.spec.attributes[1]],
    };
    expect(calicoLeases([{ ...block, spec }, {}, undefined, { metadata: { name: "x" }, spec: {} }])).to.have.length(1);
    expect(calicoLeases([{ ...block, spec }])[0]).to.have.property("address", "fd00:10:244::41");
  });

  it("does not count what lies beyond the block", () => {
    const spec = { ...block.spec, cidr: "10.244.1.64/31", allocations: [null, null, 1] };
    expect(calicoLeases([{ ...block, spec }])).to.deep.equal([]);
  });
});
