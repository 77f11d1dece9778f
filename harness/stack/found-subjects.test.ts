import { expect } from "chai";
import type { NodeTransport } from "../nodes/transport.ts";
import { foundVfPlugin } from "./found-subjects.ts";

const DIGEST = "ab".repeat(32);

/** A node whose plugin says this of itself. */
const nodeSaying = (text: string): NodeTransport =>
  ({
    node: "n1",
    exec: (argv: readonly string[]) => {
      const isAsked = argv[1] === "--version";
      const stdout = isAsked ? text : `${DIGEST}  ${argv.at(-1)}\n`;
      return Promise.resolve({ exitCode: isAsked ? 1 : 0, stdout, stderr: "", durationMs: 1 });
    },
  }) as unknown as NodeTransport;

describe("the plugin for VFs that is found in a cluster", () => {
  const of = async (text: string) => foundVfPlugin("sriov", { nodes: [nodeSaying(text)], signal: undefined });

  it("is told of with its digest, and with the version that it tells of itself", async () => {
    expect(await of("sriov-cni version:v2.10.0, commit:1b7acc5, date:2026-07-18\n")).to.deep.equal({
      name: "sriov",
      origin: "found",
      version: "v2.10.0",
      source: "found in the cluster: /opt/cni/bin/sriov",
      digest: `sha256:${DIGEST}`,
      changes: [],
    });
  });

  it("has no version where it tells none", async () => {
    expect((await of("CNI protocol versions supported: 0.4.0, 1.0.0\n")).version).to.equal("");
  });
});
