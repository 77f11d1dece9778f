import { expect } from "chai";
import { hostReport } from "../host/host-report.ts";
import { renderHostReport } from "./host-table.ts";
import { createPaint } from "./paint.ts";

const plain = createPaint(false);
const root = { id: "root", title: "Root", state: "ok", seen: "root", why: "it is needed", remedy: [] } as const;
const daemon = {
  id: "docker-daemon",
  title: "Docker daemon",
  state: "missing",
  seen: "no daemon answers",
  why: "nodes are containers",
  remedy: ["systemctl start docker"],
} as const;

describe("renderHostReport", () => {
  it("shows each check, and for what is missing the reason and the commands", () => {
    expect(renderHostReport(hostReport([root, daemon]), plain).split("\n")).to.deep.equal([
      "✔  Root           root",
      "✖  Docker daemon  no daemon answers",
      "",
      "This host lacks one thing.",
      "",
      "Docker daemon: no daemon answers",
      "  why: nodes are containers",
      "    systemctl start docker",
    ]);
  });

  it("says so when all is well", () => {
    expect(renderHostReport(hostReport([root]), plain)).to.contain("This host is ready.");
  });
});
