import { expect } from "chai";
import fc from "fast-check";
import { PlumblineError } from "../core/errors.ts";
import { parseNetworkStatus } from "./network-status.ts";

describe("parseNetworkStatus", () => {
  it("reads what Multus writes and lists what the specification does not know", () => {
    const [cluster, net1] = parseNetworkStatus(
      JSON.stringify([
        {
          name: "cbr0",
          interface: "eth0",
          ips: ["10.244.1.2"],
          mac: "02:00:00:00:00:01",
          default: true,
          dns: {},
          gateway: ["10.244.1.1"],
        },
        {
          name: "ns1/a",
          interface: "net1",
          ips: null,
          mac: "",
          mtu: 1500,
          dns: { nameservers: [] },
          "example.com/x": 1,
          other: 2,
          "device-info": { type: "pci" },
        },
      ]),
    );
    expect(cluster).deep.include({ name: "cbr0", default: true, gateway: ["10.244.1.1"], nonSpecKeys: ["gateway"] });
    expect(net1).deep.include({
      default: false,
      ips: [],
      mac: undefined,
      mtu: 1500,
      gateway: [],
      deviceInfo: { type: "pci" },
    });
    expect(net1?.nonSpecKeys).have.members(["mtu", "other"]);
  });

  it("reads the specification's spelling", () => {
    const [entry] = parseNetworkStatus(
      '[{"name":"a","ips":["192.0.2.2/24"],"default-route":["192.0.2.1"],"default":false}]',
    );
    expect(entry).deep.include({ ips: ["192.0.2.2/24"], gateway: ["192.0.2.1"], nonSpecKeys: [] });
  });

  for (const [text, message] of [
    ["", "Unexpected end of JSON input"],
    ["{}", "expected array"],
    ["[{}]", "[0].name"],
    ['[{"name":"a","ips":"10.1.1.1"}]', "[0].ips"],
    ['[{"name":"a","default":"true"}]', "[0].default"],
    ["[null]", "[0]"],
  ] as const) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseNetworkStatus(text))
        .throw(PlumblineError, message)
        .include({ kind: "subject" });
    });
  }

  it("refuses or reads any text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        try {
          parseNetworkStatus(text);
        } catch (error) {
          expect(error).instanceOf(PlumblineError);
        }
      }),
    );
  });
});
