import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { PlumblineError } from "../core/errors.ts";
import { loadConfig, parseConfig } from "./load-config.ts";
import { configTexts } from "./config-texts.test-support.ts";
import { defaultConfig } from "./schema.ts";

describe("parseConfig", () => {
  it("fills in what the file does not say", () => {
    const config = parseConfig(
      "# nothing but\nstack: flannel-thin\nimages:\n  mirror: registry.example.com/m\ncases: [STA-005]\n",
      "c",
    );
    expect(config).deep.equal({
      ...defaultConfig,
      stack: "flannel-thin",
      cases: ["STA-005"],
      images: { source: "auto", mirror: "registry.example.com/m" },
    });
    expect(parseConfig("", "c")).deep.equal(defaultConfig);
    expect(parseConfig("# only a comment\n", "c")).deep.equal(defaultConfig);
  });

  it("reads through anchors", () => {
    expect(parseConfig("stack: &s flannel-thin\nprofile: *s\n", "c").profile).equal("flannel-thin");
  });

  const refused: readonly (readonly [string, string, string])[] = [
    ["an unknown key", "stack: a\nprofil: quick\n", 'c.yaml:2:1: unknown key "profil"; did you mean profile?'],
    [
      "an unknown key in a group",
      "timeouts:\n  podReady: 5\n",
      'c.yaml:2:3: unknown key "podReady" in timeouts; did you mean podReadyMs?',
    ],
    ["a key like nothing", "zzzzzzzz: 1\n", 'c.yaml:1:1: unknown key "zzzzzzzz"; known are stack, profile, cases'],
    ["a key of the prototype", "__proto__: {keep: true}\n", 'c.yaml:1:1: unknown key "__proto__"'],
    ["a wrong type", "lanes: two\n", 'c.yaml:1:8: lanes must be a number, not "two"'],
    ["half a lane", "lanes: 1.5\n", "c.yaml:1:8: lanes must be a whole number, not 1.5"],
    ["no lane", "\n\nlanes: 0\n", "c.yaml:3:8: lanes must be at least 1, not 0"],
    ["too many workers", "workers: 21\n", "c.yaml:1:10: workers must be at most 20, not 21"],
    ["an empty value", "stack:\nlanes: 1\n", "c.yaml:1:7: stack must be a text, not empty"],
    ["an empty text", "stack: ''\n", "c.yaml:1:8: stack must not be empty"],
    [
      "a bad choice",
      "images:\n    source: regsitry\n",
      'c.yaml:2:13: images.source must be one of auto, registry, mirror, build, not "regsitry"; did you mean registry?',
    ],
    ["a yes", "keep: yes\n", 'c.yaml:1:7: keep must be true or false, not "yes"'],
    ["a text for a list", "cases: STA-005\n", 'c.yaml:1:8: cases must be a list, not "STA-005"'],
    ["a list in a list", "cases:\n  - STA-005\n  - [x]\n", "c.yaml:3:5: cases[1] must be a text, not a list"],
    ["a list for a group", "images: []\n", "c.yaml:1:9: images must be a map of keys, not a list"],
    ["a text", "quick\n", 'c.yaml:1:1: must be a map of keys, not "quick"'],
    ["a bad name", "cluster: {name: Big}\n", "c.yaml:1:17: cluster.name must be 1 to 32 lower-case letters"],
    ["a bad expression", "grep: '['\n", "c.yaml:1:7: grep is not a regular expression"],
    [
      "a mirror that is not named",
      "images:\n  source: mirror\n",
      "c.yaml:2:11: images.source source mirror needs the key images.mirror",
    ],
    ["a doubled key", "keep: true\nkeep: false\n", "c.yaml:2:1: Map keys must be unique"],
    ["broken YAML", "stack: [a\n", "c.yaml:2:1: "],
    ["an unknown tag", "stack: !x a\n", "c.yaml:1:8: Unresolved tag: !x"],
    ["two documents", "stack: a\n---\nstack: b\n", "c.yaml:2:1: "],
    ["an alias of nothing", "stack: *a\n", "c.yaml:1:1: Unresolved alias"],
    ["a circle", "cases: &a [*a]\n", "c.yaml:1:12: cases[0] must be a text, not a list"],
    ["values behind an alias", "images: &i {mirror: 5}\ncluster: *i\n", 'c.yaml:1:13: unknown key "mirror" in cluster'],
  ];
  for (const [title, text, message] of refused) {
    it(`points at ${title}`, () => {
      expect(() => parseConfig(text, "c.yaml"))
        .throw(PlumblineError, message)
        .include({ kind: "usage", code: "PL_CONFIG" });
    });
  }

  it("names everything that is wrong at once", () => {
    const text = "lanes: 0\nkeep: 1\nx_y_z_q: 2\n";
    expect(() => parseConfig(text, "c.yaml")).throw(/^c.yaml:1:8: .*\nc.yaml:2:7: .*\nc.yaml:3:1: .*$/);
  });

  it("never throws anything but a usage error with its place, whatever the text", () => {
    fc.assert(
      fc.property(configTexts, (text) => {
        try {
          expect(Object.keys(parseConfig(text, "c.yaml"))).include.members(Object.keys(defaultConfig));
        } catch (error) {
          if (!(error instanceof PlumblineError)) throw error;
          expect(error).include({ kind: "usage", code: "PL_CONFIG" });
          expect(error.message).match(/^c\.yaml:[1-9]\d*:[1-9]\d*: \S/);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("stands a bomb of aliases and one of brackets", () => {
    const bomb = [
      "a: &a [x, x, x, x, x, x, x, x, x]",
      ..."bcdefgh".split("").map((c, i) => `${c}: &${c} [${Array(9).fill(`*${"abcdefgh"[i]}`).join(", ")}]`),
    ].join("\n");
    expect(() => parseConfig(bomb, "c.yaml")).throw(PlumblineError);
    for (const deep of ["[", "{a: ", "- ", "? "]) {
      expect(() => parseConfig(deep.repeat(20_000), "c.yaml"), deep).throw(PlumblineError, "nested too deeply");
    }
    const stairs = Array.from({ length: 900 }, (_, i) => `${" ".repeat(i)}a:`).join("\n");
    expect(() => parseConfig(stairs, "c.yaml")).throw(PlumblineError, "nested too deeply");
    expect(() => parseConfig("[".repeat(199), "c.yaml")).throw(/^(c\.yaml:\d+:\d+: .*\n){10}and \d+ more$/);
  });
});

describe("loadConfig", () => {
  let folder = "";
  before(() => (folder = mkdtempSync(path.join(tmpdir(), "plumbline-config-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("reads a file", () => {
    const file = path.join(folder, "my.yaml");
    writeFileSync(file, "lanes: 3\n");
    expect(loadConfig(file).lanes).equal(3);
  });

  it("says which file cannot be read", () => {
    for (const file of [path.join(folder, "absent.yaml"), folder]) {
      expect(() => loadConfig(file))
        .throw(PlumblineError, file)
        .include({ code: "PL_CONFIG_FILE", kind: "usage" });
    }
  });
});
