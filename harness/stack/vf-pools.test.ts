import { expect } from "chai";
import type { SimulatedFunction } from "../nodes/simvf.ts";
import { advertised, devicePluginConfig, loadVfSetup } from "./vf-pools.ts";

const functionOn = (bus: string): SimulatedFunction => ({
  pf: "simpf0",
  pci: `0000:${bus}:00.0`,
  functions: Array.from({ length: 8 }, (_, vf) => ({ pci: `0000:${bus}:10.${vf}`, vf, driver: "igbvf" })),
});

describe("pools of VFs", () => {
  const setup = loadVfSetup();

  it("share out all VFs of a node, each in one pool", () => {
    const numbers = setup.pools.flatMap(({ vfs }) => vfs);
    expect(numbers.toSorted((a, b) => a - b)).to.deep.equal(Array.from({ length: setup.vfs }, (_, i) => i));
    expect(Object.values(advertised(setup)).reduce((sum, count) => sum + Number(count), 0)).to.equal(setup.vfs);
  });

  it("name the addresses of every node, since all of them have one configuration", () => {
    const { pools } = devicePluginConfig(setup, [functionOn("a0"), functionOn("a1")]);
    expect(pools[1]).to.deep.equal({
      resource: "plumbline.dev/simvf_b",
      excludeTopology: true,
      additionalInfo: { "*": { pool: "b" } },
      pciAddresses: ["0000:a0:10.4", "0000:a0:10.5", "0000:a1:10.4", "0000:a1:10.5"],
    });
  });
});
