import { expect } from "chai";
import { chosenIn, isWanted } from "./chosen-network.ts";
import { loadStack } from "./stack.ts";

const conflist = (name: string, type: string) =>
  JSON.stringify({ cniVersion: "0.3.1", name, plugins: [{ type }, { type: "portmap" }] });

const CALICO = { name: "10-calico.conflist", text: conflist("k8s-pod-network", "calico") };
const OTHER = { name: "05-other.conflist", text: conflist("other", "bridge") };

const thick = (file: string) => ({
  name: "00-multus.conf",
  text: JSON.stringify({
    type: "multus-shim",
    name: "multus-cni-network",
    clusterNetwork: `/host/etc/cni/net.d/${file}`,
  }),
});
const thin = (config: string) => ({
  name: "00-multus.conf",
  text: JSON.stringify({ type: "multus", name: "multus-cni-network", delegates: [JSON.parse(config)] }),
});

describe("the default network that Multus has chosen", () => {
  const calico = loadStack("calico-thick");

  it("is the file that the thick one names", () => {
    const chosen = chosenIn([CALICO, thick("10-calico.conflist")]);
    expect(chosen).to.deep.equal({ name: "k8s-pod-network", file: "10-calico.conflist" });
    expect(isWanted(calico, chosen)).to.equal(true);
  });

  it("is what the thin one has taken into its own", () => {
    const chosen = chosenIn([CALICO, thin(CALICO.text)]);
    expect(chosen).to.deep.equal({ name: "k8s-pod-network", file: undefined });
    expect(isWanted(calico, chosen)).to.equal(true);
  });

  it("is told from another one that lay there first", () => {
    expect(isWanted(calico, chosenIn([OTHER, CALICO, thick("05-other.conflist")]))).to.equal(false);
    expect(isWanted(calico, chosenIn([OTHER, CALICO, thin(OTHER.text)]))).to.equal(false);
    const sameName = { ...OTHER, text: conflist("k8s-pod-network", "bridge") };
    expect(isWanted(calico, chosenIn([sameName, CALICO, thick("05-other.conflist")]))).to.equal(false);
  });

  it("is refused where the runtime does not use Multus", () => {
    expect(() => chosenIn([CALICO])).to.throw(/does not use Multus: there are 10-calico\.conflist/);
  });
});
