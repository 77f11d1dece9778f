import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { writeReports } from "./write-reports.ts";
import { EvidenceStore } from "../harness/results/evidence.ts";
import type { RunEventBody } from "../harness/results/events.ts";
import { RecordWriter } from "../harness/results/record-writer.ts";
import { caseEnd, sampleEvents } from "../harness/results/sample-events.test-support.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const part = (text: string): string => Buffer.from(text).toString("base64url");

/** Each is looked for as it stands, and in base64. */
const SECRETS = {
  variable: "vArIaBlE-5ecret 00",
  argument: "aRgUmEnT-5ecret-00",
  annotation: "aNnOtAtIoN-5ecret-00",
  kubeconfigToken: "kUbEcOnFiG-5ecret-00",
  bearer: "bEaReR-5ecret-0123456789",
  registry: "u:rEgIsTrY-5ecret-00",
  opaque: "oPaQuE-5ecret-00",
  signature: "sIgNaTuReOfAnAccountToken",
  key: "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj",
} as const;

const jwt = `${part('{"alg":"RS256","kid":"x"}')}.${part('{"sub":"system:serviceaccount:default:default"}')}.${SECRETS.signature}`;
const pem = `-----BEGIN RSA PRIVATE KEY-----\n${SECRETS.key}\n-----END RSA PRIVATE KEY-----\n`;
const dockerConfig = JSON.stringify({ auths: { "registry.example": { auth: base64(SECRETS.registry) } } });
const kubeconfig = [
  "apiVersion: v1",
  "users:",
  "- name: admin",
  "  user:",
  `    client-key-data: ${base64(pem)}`,
  `    token: ${SECRETS.kubeconfigToken}`,
].join("\n");

const spec = {
  containers: [
    {
      name: "app",
      args: ["--user", "u", "--db-password", SECRETS.argument, `--api-token=${SECRETS.argument}`],
      env: [
        { name: "DB_PASSWORD", value: SECRETS.variable },
        { name: "MODE", value: "quiet" },
        { name: "KUBECONFIG_TEXT", value: kubeconfig },
      ],
    },
  ],
};
const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: "p",
    annotations: {
      "example.org/api-token": SECRETS.annotation,
      "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify({ kind: "Pod", spec }),
    },
  },
  spec,
};
const secret = {
  apiVersion: "v1",
  kind: "Secret",
  data: { ".dockerconfigjson": base64(dockerConfig), t0: base64(SECRETS.opaque), jwt: base64(jwt) },
};
const log = [
  `Authorization: Bearer ${SECRETS.bearer}`,
  `mounted ${jwt} at /var/run/secrets/kubernetes.io/serviceaccount/token`,
  `pull with ${dockerConfig}`,
  kubeconfig,
  pem,
].join("\n");

/** All that can come from a cluster: as data, as JSON in a string, and as text. */
const PLANTED: readonly unknown[] = [pod, secret, { pods: [pod] }, JSON.stringify(pod), log, { log, kubeconfig }];

describe("secrets planted in pods and kubeconfigs", () => {
  let outDir: string;
  beforeEach(() => (outDir = mkdtempSync(path.join(tmpdir(), "plumbline-secrets-"))));
  afterEach(() => rmSync(outDir, { recursive: true }));

  function expectNone(): void {
    const files = readdirSync(outDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files).to.have.length.greaterThan(0);
    for (const file of files) {
      const text = readFileSync(path.join(file.parentPath, file.name), "utf8");
      for (const [name, planted] of Object.entries(SECRETS)) {
        for (const form of [planted, base64(planted).replace(/=+$/, ""), jwt, base64(pem)]) {
          expect(text.includes(form), `${name} in ${file.name}`).to.equal(false);
        }
      }
    }
  }

  it("are found by this test where nobody takes them out", () => {
    const text = JSON.stringify([PLANTED, log]);
    for (const [name, planted] of Object.entries(SECRETS)) {
      const isThere = text.includes(planted) || text.includes(base64(planted).replace(/=+$/, ""));
      expect(isThere, name).to.equal(true);
    }
  });

  it("never reach evidence", () => {
    const evidence = new EvidenceStore(outDir).failure("ATT-001");
    for (const planted of PLANTED) {
      evidence.writeJson("data.json", planted);
      // what lies in a Secret is told by its kind alone, which text does not have
      if (planted === secret) continue;
      evidence.write("text", typeof planted === "string" ? planted : JSON.stringify(planted, null, 2));
      evidence.write("bytes", Buffer.from(typeof planted === "string" ? planted : JSON.stringify(planted)));
    }
    expectNone();
    const [data = ""] = evidence.paths;
    const kept = readFileSync(path.join(outDir, data), "utf8");
    expect(kept, "what is no secret stays").to.contain('"quiet"').and.to.contain('"DB_PASSWORD"').and.to.contain('"u"');
    expect(() => JSON.parse(kept) as unknown, "and it stays JSON").to.not.throw();
  });

  it("never reach the record or a report, by whatever way a failure tells them", async () => {
    const writer = RecordWriter.create({ outDir, runId: "run-1" });
    const planted = { expected: PLANTED, observed: PLANTED, message: log, kind: "subject" } as const;
    for (const { seq: _seq, at: _at, ...event } of sampleEvents()) {
      writer.write(withSecrets(event));
    }
    writer.close();
    await writeReports(writer.dir);
    expectNone();

    function withSecrets(event: RunEventBody): RunEventBody {
      if (event.type === "run-started") {
        return { ...event, command: ["run", "--mirror", `https://u:${SECRETS.bearer}@mirror.example/x`] };
      }
      if (event.type === "case-ended" && event.failure) {
        return caseEnd(event.caseId, { ...event, failure: { assertion: `${event.caseId}/planted`, ...planted } });
      }
      if (event.type === "violation") {
        return { ...event, violation: { ...event.violation, ...planted, thing: log } };
      }
      if (event.type === "verdict") return { ...event, reason: log };
      if (event.type === "cleanup-failed") return { ...event, message: log };
      if (event.type === "run-ended") return { ...event, causes: [log, JSON.stringify(pod)] };
      return event;
    }
  });
});
