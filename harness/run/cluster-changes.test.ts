import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { readRecord, writeRecord } from "../cluster/cluster-record.ts";
import { ClusterChanges } from "./cluster-changes.ts";

describe("ClusterChanges", () => {
  const home = mkdtempSync(path.join(tmpdir(), "plumbline-changes-"));
  const before = process.env["PLUMBLINE_HOME"];
  const noted = (): readonly string[] | undefined => readRecord("c")?.changes;

  beforeEach(() => {
    process.env["PLUMBLINE_HOME"] = home;
    writeRecord({
      version: 1,
      spec: {
        name: "c",
        workers: 1,
        ipFamily: "ipv4",
        nodeImage: { ref: "node:1", id: "sha256:1" },
        stack: "ptp-thin",
      },
      specDigest: "",
      dockerNetwork: "",
      adaptations: [],
      startedAt: {},
      ready: true,
    });
  });
  afterEach(() => {
    if (before === undefined) delete process.env["PLUMBLINE_HOME"];
    else process.env["PLUMBLINE_HOME"] = before;
  });
  after(() => rmSync(home, { recursive: true }));

  it("stand in the record of the cluster while they last", () => {
    const changes = new ClusterChanges("c");
    changes.begin("planted faults");
    changes.begin("MUL-032");
    expect(noted()).to.deep.equal(["planted faults", "MUL-032"]);
    changes.end("MUL-032");
    expect(noted()).to.deep.equal(["planted faults"]);
    changes.end("planted faults");
    expect(noted()).to.deep.equal([]);
  });

  it("leave alone what another run has noted", () => {
    new ClusterChanges("c").begin("planted faults");
    new ClusterChanges("c").end("planted faults");
    expect(noted()).to.deep.equal(["planted faults"]);
  });

  it("are not noted of a cluster that is the user's", () => {
    new ClusterChanges(undefined).begin("planted faults");
    expect(noted()).to.equal(undefined);
  });
});
