import fc from "fast-check";
import { stringify } from "yaml";

const VALID = `# a project's own
stack: flannel-thin
profile: quick
cases: [ATT-001, TD-001]
grep: "^ATT"
layers: [L1]
lanes: 2
workers: 1
ipFamily: dual
keep: true
images: { source: mirror, mirror: registry.example.com/m }
timeouts:
  podReadyMs: 60000
cluster:
  name: lab
multus: v4.2.3
cniVersion: 1.0.0
multusConfig: { namespaceIsolation: true, globalNamespaces: default }
features: [two-nodes]
suites: [./my.suite.js]
plugin:
  source: ./bin/my-cni
  role: interface
  network:
    plugins: [{ type: my-cni, ipam: "\${ipam}" }]
  files: { /etc/my.conf: "{}" }
matrix:
  mode: [thick, thin]
  exclude: [{ mode: thin }]
`;

const KEYS =
  "stack profile cases images source lanes timeouts podReadyMs grep cluster name keep features layers multus cniVersion " +
  "multusConfig namespaceIsolation connectionLimit " +
  "suites plugin role network plugins ipam files objects matrix mode exclude sriov pools constructor toString __proto__";
const key = fc.constantFrom(...KEYS.split(" "));

/** Any structure, and such as has our keys in it. */
const documents = fc
  .oneof(fc.jsonValue(), fc.dictionary(key, fc.oneof(fc.jsonValue(), fc.dictionary(key, fc.jsonValue()))))
  .map((value) => stringify(value));

const TOKENS = ["stack", ": ", "\n", "  ", "- ", "[", "]", "{", "}", "&a ", "*a", "!!map ", "!!binary ", "? ", "|\n"];
const MORE = ["'", '"', "#", "---", "...", "1", "~", "<<: ", "%YAML 1.3\n", "\t", "\u0000", "\ufeff", "\r\n", ".nan"];

/** The words of YAML in any order. */
const noise = fc.array(fc.constantFrom(...TOKENS, ...MORE), { maxLength: 25 }).map((parts) => parts.join(""));

/** What is valid, with some of it replaced: the mistakes that people make. */
const nearlyValid = fc
  .array(
    fc.record({
      at: fc.nat(VALID.length),
      cut: fc.nat(12),
      put: fc.oneof(fc.constantFrom(...TOKENS, ...MORE), fc.string({ maxLength: 4 })),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((edits) => edits.reduce((text, { at, cut, put }) => text.slice(0, at) + put + text.slice(at + cut), VALID));

/** As a file of another kind is read. */
const bytes = fc.uint8Array({ maxLength: 200 }).map((data) => Buffer.from(data).toString("utf8"));

/** Texts of plumbline.yaml: of every kind, few of them valid. */
export const configTexts: fc.Arbitrary<string> = fc.oneof(documents, noise, nearlyValid, bytes, fc.string());
