import { expect } from "chai";
import { BareContainer, inShort, network, suite, testCase } from "../../harness/testkit/index.ts";

const fixed = network("ipm-fixed", { type: "bridge", ipam: "static", byCase: true });

suite("static by itself", () => {
  testCase(
    {
      id: "IPM-009",
      revision: 1,
      title: "static answers with what it is configured with, and with addresses that are requested",
      layer: "L0",
      level: "extended",
      clauses: ["PLUGINS-static-addresses", "PLUGINS-static-requested"],
      faults: ["static-forgets-its-dns", "static-prefers-its-configuration", "static-ignores-a-request-without-prefix"],
      pods: {},
      networks: { fixed },
    },
    async ({ nodes, networks, claim }) => {
      const { live } = networks.fixed;
      const address = `${live.staticAddress}/24`;
      const routes = [{ dst: "198.51.100.0/24", gw: live.gateway }];
      const dns = {
        nameservers: [live.gateway],
        domain: "example.net",
        search: ["a.example.net"],
        options: ["ndots:2"],
      };
      const ipam = { type: "static", addresses: [{ address, gateway: live.gateway }], routes, dns };
      const config = { cniVersion: "1.0.0", name: live.name, type: "bridge", ipam };
      const asking = (...ips: readonly string[]) => ({ ...config, runtimeConfig: { ips } });
      const container = await BareContainer.open(nodes, "ipm-009");
      const asConfigured = await container.callIpam("ADD", config);
      await claim("as-configured", () => {
        expect(asConfigured.json, "static's answer").to.deep.equal({
          cniVersion: "1.0.0",
          ips: [{ address, gateway: live.gateway }],
          routes,
          dns,
        });
      });
      const requested = `${live.address(150)}/25`;
      const told = (answer: { json: Readonly<Record<string, unknown>> | undefined }): readonly string[] =>
        ((answer.json?.["ips"] ?? []) as readonly { address: string }[]).map((ip) => ip.address);
      const byCapability = await container.callIpam("ADD", asking(requested));
      const byArgument = await container.callIpam("ADD", config, { env: { CNI_ARGS: `IP=${requested}` } });
      await claim("requested", () => {
        expect(told(byCapability), "addresses where the capability ips asks for one").to.deep.equal([requested]);
        expect(told(byArgument), "addresses where the argument IP asks for one").to.include(requested);
      });
      const other = await BareContainer.open(nodes, "ipm-009-bare");
      const bare = live.address(151);
      const refusals = {
        "capability ips": await other.callIpam("ADD", asking(bare)),
        "argument IP": await other.callIpam("ADD", config, { env: { CNI_ARGS: `IP=${bare}` } }),
      };
      const taken = Object.entries(refusals).filter(
        ([, answer]) => answer.exitCode === 0 || !inShort(answer).includes("CIDR notation"),
      );
      await claim("cidr-notation", () => {
        const texts = taken.map(([what, answer]) => `${what}: ${inShort(answer)}`);
        expect(texts, "requests of an address without a prefix length that were not refused for that").to.deep.equal(
          [],
        );
      });
    },
  );
});
