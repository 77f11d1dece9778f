import { expect } from "chai";
import fc from "fast-check";
import { redact, redactBytes, redactJson } from "./redact.ts";

const KEY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
const pem = (kind: string): string => `-----BEGIN ${kind}-----\n${KEY}\n${KEY}==\n-----END ${kind}-----`;
const encoded = Buffer.from(pem("RSA PRIVATE KEY")).toString("base64");
const jwt = `${Buffer.from('{"alg":"RS256"}').toString("base64url")}.${Buffer.from('{"sub":"x"}').toString("base64url")}.c2lnbmF0dXJl`;
const SECRET = "pLaNtEd5ecret00";

/** Text with a planted secret, and what must not be found afterwards. */
const PLANTED: readonly (readonly [what: string, text: string, secret: string])[] = [
  ["a private key", `key:\n${pem("PRIVATE KEY")}\nend`, KEY],
  ["an EC key in JSON", JSON.stringify({ key: pem("EC PRIVATE KEY") }), KEY],
  ["a key in JSON within JSON", JSON.stringify(JSON.stringify({ k: pem("RSA PRIVATE KEY") })), KEY],
  ["a key that was cut off", `-----BEGIN RSA PRIVATE KEY-----\n${KEY}`, KEY],
  ["a certificate", pem("CERTIFICATE"), KEY],
  ["a kubeconfig's key", `    client-key-data: ${encoded}\n`, encoded.slice(20, 60)],
  ["a kubeconfig's certificate", `    client-certificate-data: ${encoded}\n`, encoded.slice(20, 60)],
  ["a kubeconfig's authority in JSON", JSON.stringify({ "certificate-authority-data": "QUJDREVG" }), "QUJDREVG"],
  ["a kubeconfig's token", `users:\n- user:\n    token: ${SECRET}\n`, SECRET],
  ["a bearer token", `Authorization: Bearer ${SECRET}abc`, SECRET],
  ["a bearer token in a log", `curl -H "authorization: bearer ${SECRET}.x-y_z"`, SECRET],
  ["basic credentials", `Authorization: Basic ${Buffer.from("u:p").toString("base64")}`, "dTpw"],
  ["a JWT in the open", `got ${jwt} from the API`, "c2lnbmF0dXJl"],
  [
    "a JWT encoded in a Secret",
    `data:\n  t0: ${Buffer.from(jwt).toString("base64")}`,
    Buffer.from(jwt).toString("base64").slice(4, 40),
  ],
  ["a password in YAML", `password: ${SECRET}`, SECRET],
  ["a password in JSON", JSON.stringify({ password: SECRET }), SECRET],
  ["a password in escaped JSON", JSON.stringify(JSON.stringify({ password: SECRET })), SECRET],
  ["a password in the environment", `MYSQL_PASSWORD=${SECRET} run`, SECRET],
  ["a short password in the environment", `MYSQL_PWD=${SECRET} run`, SECRET],
  ["a short password in JSON", JSON.stringify({ pass: SECRET }), SECRET],
  ["a short variable of a pod", JSON.stringify({ name: "DB_PASS", value: SECRET }), SECRET],
  ["a password argument", `login --password ${SECRET} host`, SECRET],
  ["a password in a URL", `fetch https://user:${SECRET}@example.org/v2/`, SECRET],
  ["registry credentials", `{"auths":{"r":{"auth":"dXNlcjpwYXNz"}}}`, "dXNlcjpwYXNz"],
  ["registry credentials in JSON in JSON", JSON.stringify('{"auths":{"r":{"auth":"dXNlcjpwYXNz"}}}'), "dXNlcjpwYXNz"],
  ["a pull secret", ".dockerconfigjson: eyJhdXRocyI6eyJyIjp7ImF1dGgiOiJk", "eyJhdXRocyI6eyJy"],
  ["a pull secret under another key", `got eyJhdXRocyI6eyJyIjp7ImF1dGgiOiJk`, "eyJhdXRocyI6eyJy"],
  ["a variable of a pod", JSON.stringify([{ name: "DB_PASSWORD", value: SECRET }]), SECRET],
  ["a variable of blanks", JSON.stringify([{ name: "DB_PASSWORD", value: `a ${SECRET} b` }]), SECRET],
  ["a variable in an annotation", JSON.stringify(JSON.stringify([{ name: "API_TOKEN", value: SECRET }])), SECRET],
  ["a variable in YAML", `- name: API_TOKEN_OLD\n  value: ${SECRET}\n`, SECRET],
  ["a key of a cloud", `AWS_SECRET_ACCESS_KEY=${SECRET}`, SECRET],
  ["an argument of a pod", JSON.stringify(["--user", "u", "--db-password", SECRET]), SECRET],
  ["an argument in an annotation", JSON.stringify(JSON.stringify(["--token", SECRET])), SECRET],
  ["an annotation of that name", JSON.stringify({ "example.org/api-token": SECRET }), SECRET],
  ["kubeadm's token", "kubeadm join --token abcde1.0123456789abcdef", "0123456789abcdef"],
];

/** What must be left alone: evidence is worth nothing if it is blacked out. */
const HARMLESS: readonly string[] = [
  "basic networking between the pods of node-1",
  "the bearer of this message",
  "secretName: registry, token-watcher started, automountServiceAccountToken: false",
  '{"cniVersion":"1.0.0","name":"net-a","type":"bridge","ipam":{"type":"host-local","subnet":"10.1.1.0/24"}}',
  "2: eth0@if5: <BROADCAST,MULTICAST,UP> mtu 1500 link/ether 02:42:ac:11:00:02",
  "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  '{"name":"MODE","value":"token"}',
  "PWD=/root OLDPWD=/tmp: two packets passed, bypass: 1, the first pass: 3 rules",
  '{"secretName":"tls","serviceAccountToken":{"path":"token"},"args":["--secret-name","tls"]}',
  "/var/lib/cni/results/net-a-0123456789abcdef-net1",
  "http://10.96.0.1:443/api/v1/namespaces",
];

describe("redact", () => {
  for (const [what, text, secret] of PLANTED) {
    it(`takes out ${what}`, () => {
      expect(text, "the plant is there").to.contain(secret);
      expect(redact(text)).not.to.contain(secret);
      expect(redact(text)).to.contain("[redacted");
    });
  }

  for (const text of HARMLESS) {
    it(`leaves alone: ${text.slice(0, 50)}`, () => {
      expect(redact(text)).to.equal(text);
    });
  }

  it("changes nothing more the second time", () => {
    for (const [, text] of PLANTED) expect(redact(redact(text))).to.equal(redact(text));
  });

  it("keeps the length of bytes, and all that is no secret", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 200 }), (before, after) => {
        const planted = Buffer.concat([before, Buffer.from(`\nAuthorization: Bearer ${SECRET}abc\n`), after]);
        const clean = redactBytes(planted);
        expect(clean.length).to.equal(planted.length);
        expect(Buffer.from(clean).toString("latin1")).not.to.contain(SECRET);
      }),
    );
  });

  it("looks into every string of JSON, and takes those under a telling key whole", () => {
    const data = { a: [{ note: `Bearer ${SECRET}abc` }], token: "short", n: 1, gone: undefined, nothing: null };
    expect(redactJson(data)).to.deep.equal({
      a: [{ note: "Bearer [redacted credentials]" }],
      token: "[redacted]",
      n: 1,
      nothing: null,
    });
  });

  it("takes linear time, also for megabytes without a blank", () => {
    const line = "a1B2+/c3".repeat(250_000);
    const began = performance.now();
    expect(redact(line)).to.equal(line);
    expect(performance.now() - began).to.be.lessThan(10_000);
  });
});
