import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { sha256 } from "../core/json.ts";
import { silentProgress } from "../core/ports.ts";
import { homeDir } from "../core/state-dir.ts";
import { obtainManifest } from "./obtain-manifest.ts";
import { publishedNetwork, type PublishedNetwork } from "./published-network.ts";

const TEXT = 'const image = "example.com/n:v1"\nconst manifest = `kind: A ` + image\n';
// nobody listens there
const URL_OF_NOBODY = "http://127.0.0.1:9/manifest.go";

function network(text: string): PublishedNetwork {
  const base = publishedNetwork("calico") as PublishedNetwork;
  return { ...base, manifest: { file: { url: URL_OF_NOBODY, sha256: sha256(text), constant: "manifest" } } };
}

describe("the manifest of a published network", () => {
  let home = "";
  const before = process.env["PLUMBLINE_HOME"];
  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), "plumbline-published-"));
    process.env["PLUMBLINE_HOME"] = home;
  });
  afterEach(() => {
    if (before === undefined) delete process.env["PLUMBLINE_HOME"];
    else process.env["PLUMBLINE_HOME"] = before;
    rmSync(home, { recursive: true });
  });

  const keep = (text: string, of: string): string => {
    const file = path.join(homeDir("cache", "published"), `${sha256(of).slice(0, 16)}-manifest.go`);
    writeFileSync(file, text);
    return file;
  };

  it("is taken from where it was kept, and a constant in Go source is read", async () => {
    keep(TEXT, TEXT);
    expect(await obtainManifest(network(TEXT), { progress: silentProgress })).to.equal("kind: A example.com/n:v1");
  });

  it("is refused by its digest, with what to do", async () => {
    const file = keep("another text", TEXT);
    const error: unknown = await obtainManifest(network(TEXT), { progress: silentProgress }).catch((e: unknown) => e);
    expect(error).to.include({ code: "PL_MANIFEST_DIGEST", hint: `remove ${file}` });
  });

  it("that cannot be had is a fault of the host, told with the place where it may be laid down", async () => {
    const error: unknown = await obtainManifest(network(TEXT), { progress: silentProgress }).catch((e: unknown) => e);
    expect(error).to.include({ code: "PL_MANIFEST_FETCH", kind: "host" });
    expect(error).to.have.property("message").that.contains(URL_OF_NOBODY);
    expect(error)
      .to.have.property("hint")
      .that.contains(path.join(home, "cache", "published"));
  });
});

describe("published networks", () => {
  for (const name of ["calico", "cilium", "kindnet"]) {
    it(`${name}: what its DaemonSet runs is among its images`, () => {
      const { images, daemonSet, version } = publishedNetwork(name) as PublishedNetwork;
      expect(images).to.contain(daemonSet.image);
      expect(images.map((ref) => ref.split(":").at(-1))).to.deep.equal(images.map(() => version));
    });
  }

  it("that are none are not known", () => {
    expect(publishedNetwork("ptp")).to.equal(undefined);
  });
});
