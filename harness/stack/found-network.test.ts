import { expect } from "chai";
import { foundMultus, type ConfFile } from "./found-network.ts";

/** As Multus v4.3.0 writes it, thick. */
const THICK: ConfFile = {
  name: "00-multus.conf",
  text: '{"capabilities":{"portMappings":true},"cniVersion":"0.3.1","name":"multus-cni-network","clusterNetwork":"/host/etc/cni/net.d/10-flannel.conflist","type":"multus-shim"}',
};
/** As its thin entrypoint does. */
const THIN: ConfFile = {
  name: "00-multus.conf",
  text: '{"cniVersion":"0.3.1","name":"multus-cni-network","type":"multus","kubeconfig":"/etc/cni/net.d/multus.d/multus.kubeconfig","delegates":[{"name":"k8s-pod-network","cniVersion":"0.3.1","plugins":[{"type":"calico"},{"type":"portmap"}]}]}',
};
const FLANNEL: ConfFile = {
  name: "10-flannel.conflist",
  text: '{"name":"cbr0","cniVersion":"0.3.1","plugins":[{"type":"flannel","delegate":{}},{"type":"portmap"}]}',
};
const KINDNET: ConfFile = {
  name: "10-kindnet.conflist",
  text: '{"cniVersion":"0.3.1","name":"kindnet","plugins":[{"type":"ptp","ipam":{}},{"type":"portmap"}]}',
};
const LOOPBACK: ConfFile = { name: "99-loopback.conf", text: '{"cniVersion":"0.2.0","name":"lo","type":"loopback"}' };

describe("the network configurations of a node that was found", () => {
  it("tell thick Multus and the file that it delegates to", () => {
    const found = foundMultus([FLANNEL, LOOPBACK, THICK]);
    expect(found).to.include({ mode: "thick", file: "00-multus.conf" });
    expect(found?.network).to.include({
      name: "cbr0",
      cniVersion: "0.3.1",
      kind: "flannel",
      from: "10-flannel.conflist",
    });
    expect(found?.candidates.map(({ name }) => name)).to.deep.equal(["cbr0"]);
  });

  it("tell thin Multus, whose configuration holds the whole delegate", () => {
    const found = foundMultus([THIN]);
    expect(found).to.include({ mode: "thin" });
    expect(found?.network).to.include({ name: "k8s-pod-network", kind: "calico", from: "00-multus.conf" });
  });

  it("tell of every network that could be the default one", () => {
    expect(foundMultus([KINDNET, THICK, FLANNEL])?.candidates.map(({ kind }) => kind)).to.deep.equal([
      "flannel",
      "kindnet",
    ]);
  });

  it("say that Multus is not asked where another file comes first, or there is none", () => {
    expect(foundMultus([{ ...THICK, name: "70-multus.conf" }, FLANNEL])).to.equal(undefined);
    expect(foundMultus([FLANNEL])).to.equal(undefined);
    expect(foundMultus([])).to.equal(undefined);
  });

  it("pass over files that no runtime could read", () => {
    const broken = { name: "00-a.conf", text: "{" };
    expect(foundMultus([broken, THICK, FLANNEL])?.network?.name).to.equal("cbr0");
  });

  it("have no network where Multus names a file that is not there", () => {
    expect(foundMultus([THICK])?.network).to.equal(undefined);
  });
});
