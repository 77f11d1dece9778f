import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { Deadline } from "../core/deadline.ts";
import { PlumblineError } from "../core/errors.ts";
import { KubeClient } from "./client.ts";

const base64 = Buffer.from("no certificate").toString("base64");
/** As kind writes it, with certificates that are none. */
const WITHOUT_CERTIFICATES = {
  "current-context": "a",
  contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
  clusters: [{ name: "a", cluster: { server: "https://127.0.0.1:44444", "certificate-authority-data": base64 } }],
  users: [{ name: "a", user: { "client-certificate-data": base64, "client-key-data": base64 } }],
};

describe("a kubeconfig of no use", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(tmpdir(), "plumbline-kubeconfig-"))));
  after(() => rmSync(folder, { recursive: true }));

  for (const [title, text, why] of [
    ["that is not there", undefined, /cannot be read: ENOENT/],
    ["that is no YAML", "users:\n- {token: sEcReT\n", /cannot be read: /],
    [
      "without a context",
      "kind: Config\nclusters: []\ncontexts: []\nusers: []\n",
      /names no server: its current-context/,
    ],
    [
      "with certificates that are none",
      JSON.stringify(WITHOUT_CERTIFICATES),
      /holds a certificate or key that is none: /,
    ],
  ] as const) {
    it(`ends a wait at once, with its path and without its text: ${title}`, async () => {
      const file = path.join(folder, title.replaceAll(" ", "-"));
      if (text !== undefined) writeFileSync(file, text);
      const nodes = { apiVersion: "v1", kind: "Node" };
      const error = await KubeClient.fromFile(file)
        .waitForList(nodes, { what: "nodes", deadline: Deadline.in(300_000), done: () => true })
        .catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(PlumblineError).and.include({ code: "PL_KUBECONFIG", kind: "usage" });
      expect((error as PlumblineError).message)
        .to.match(why)
        .and.to.contain(file)
        .and.to.not.contain("sEcReT");
      expect((error as PlumblineError).hint).to.contain(`kubectl --kubeconfig ${file}`);
    });
  }
});
