import { expect } from "chai";
import fc from "fast-check";
import { PlumblineError } from "../core/errors.ts";
import { parseNetworkSelection, writeNetworkSelection } from "./network-selection.ts";

const names = (text: string) => parseNetworkSelection(text, "ns1").map((s) => `${s.namespace}/${s.name}`);

describe("parseNetworkSelection", () => {
  it("reads the short form, with or without spaces", () => {
    expect(names("net-a, net-b,other-ns/net-c")).deep.equal(["ns1/net-a", "ns1/net-b", "other-ns/net-c"]);
    expect(parseNetworkSelection("ns2/a@foo", "ns1")).deep.equal([{ namespace: "ns2", name: "a", interface: "foo" }]);
    expect(names("")).deep.equal([]);
  });

  it("reads the JSON form", () => {
    expect(names('[{"name":"a"},{"name":"c","namespace":"ns2"},{"name":"d","namespace":""}]')).deep.equal([
      "ns1/a",
      "ns2/c",
      "ns1/d",
    ]);
    const [entry] = parseNetworkSelection(
      '[{"name":"a","ips":["10.1.1.2/24"],"mac":"02:00:00:00:00:01","default-route":["10.1.1.1"]}]',
      "n",
    );
    expect(entry).deep.include({ ips: ["10.1.1.2/24"], mac: "02:00:00:00:00:01", defaultRoute: ["10.1.1.1"] });
  });

  it("reads back what it writes", () => {
    const text = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
    const selection = fc.record({
      namespace: text,
      name: text,
      interface: fc.option(text, { nil: undefined }),
      ips: fc.option(fc.array(fc.ipV4()), { nil: undefined }),
      mac: fc.constant(undefined),
      defaultRoute: fc.option(fc.array(fc.ipV4()), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(selection), (selections) => {
        expect(parseNetworkSelection(writeNetworkSelection(selections), "x")).deep.equal(selections);
      }),
    );
  });

  for (const bad of ["a//b", "a@b@c", ",", "[{", "{}", "[null]", '[{"namespace":"x"}]']) {
    it(`refuses ${JSON.stringify(bad)}`, () => expect(() => parseNetworkSelection(bad, "ns1")).throw(PlumblineError));
  }
});
