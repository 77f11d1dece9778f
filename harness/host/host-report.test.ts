import { expect } from "chai";
import { judgeGo } from "./build-checks.ts";
import { judgeHugePages } from "./huge-pages.ts";
import { fixesOf, hostReport, lacksPackages, remedies, type HostCheck } from "./host-report.ts";
import { packagesOf } from "./prepare-host.ts";
import { lookAtNode } from "./system-checks.ts";

function check(part: Partial<HostCheck>): HostCheck {
  return { id: "x", title: "X", state: "ok", seen: "", why: "", remedy: [], ...part };
}

describe("hostReport", () => {
  it("is ready with warnings, but not with anything missing", () => {
    expect(hostReport([check({}), check({ state: "warning" })]).ready).to.equal(true);
    expect(hostReport([check({}), check({ state: "missing" })]).ready).to.equal(false);
  });

  it("lists the commands for what is missing, each once", () => {
    const report = hostReport([
      check({ state: "warning", remedy: ["not this"] }),
      check({ state: "missing", remedy: ["a", "b"] }),
      check({ state: "missing", remedy: ["b"] }),
    ]);
    expect(remedies(report)).to.deep.equal(["a", "b"]);
  });

  it("puts right what is missing and what it only warns of, not what is well", () => {
    const fix = { kind: "huge-pages" } as const;
    const report = hostReport([
      check({ state: "warning", fix }),
      check({ state: "missing", fix: { kind: "dockerd" } }),
      check({ fix }),
      check({ state: "warning" }),
    ]);
    expect(fixesOf(report)).to.deep.equal([fix, { kind: "dockerd" }]);
  });

  it("asks for each package once", () => {
    const fixes = [lacksPackages("", ["docker.io"]), lacksPackages("", ["docker.io", "iptables"])].flatMap(
      (f) => f.fix ?? [],
    );
    expect(packagesOf(fixes)).to.deep.equal(["docker.io", "iptables"]);
  });
});

describe("transparent huge pages", () => {
  it("are advised to be given always, where the kernel has them", () => {
    expect(judgeHugePages("always [madvise] never\n")).to.include({ state: "warning", seen: "madvise" });
    expect(judgeHugePages("[always] madvise never\n")).to.include({ state: "ok", seen: "always" });
    expect(judgeHugePages(undefined).state).to.equal("ok");
  });
});

describe("versions that are wanted", () => {
  it("Go 1.24 or later", () => {
    const state = (version: string): string => judgeGo(version, []).state;
    expect(["go1.23.9", "go1.24", "go1.26.8", "go2.0", "devel +abc"].map(state)).to.deep.equal([
      "missing",
      "ok",
      "ok",
      "ok",
      "warning",
    ]);
  });

  it("Node.js 20.19 or later", () => {
    const state = (version: string): string => lookAtNode(version).state;
    expect(["18.20.0", "20.18.3", "20.19.0", "22.0.0"].map(state)).to.deep.equal(["missing", "missing", "ok", "ok"]);
  });
});
