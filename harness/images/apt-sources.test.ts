import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { hostAptSources, stanzaLines } from "./apt-sources.ts";

describe("stanzaLines", () => {
  it("makes a line of each address and suite", () => {
    const text = `Types: deb deb-src
# a comment
URIs: http://one.invalid/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/x.gpg

Types: deb
Enabled: no
URIs: http://two.invalid
Suites: x
Components: main
`;
    expect(stanzaLines(text)).to.deep.equal([
      "deb [signed-by=/usr/share/keyrings/x.gpg] http://one.invalid/debian bookworm main",
      "deb [signed-by=/usr/share/keyrings/x.gpg] http://one.invalid/debian bookworm-updates main",
    ]);
  });
});

describe("hostAptSources", () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), "plumbline-apt-"));
    await mkdir(path.join(root, "etc/apt/sources.list.d"), { recursive: true });
    await writeFile(path.join(root, "etc/os-release"), 'ID=debian\nVERSION_CODENAME="bookworm"\n');
    await writeFile(
      path.join(root, "etc/apt/sources.list"),
      "# nothing\ndeb http://a.invalid/debian bookworm main contrib\n",
    );
    await writeFile(
      path.join(root, "etc/apt/sources.list.d/other.list"),
      "deb http://b.invalid/apt cloud-bookworm main\ndeb http://c.invalid/docker bookworm stable\ndeb http://ppa.d.invalid/x/ubuntu bookworm main\n",
    );
    await writeFile(
      path.join(root, "etc/apt/sources.list.d/security.sources"),
      "Types: deb\nURIs: http://s.invalid/debian-security\nSuites: bookworm-security\nComponents: main\n",
    );
  });
  after(() => rm(root, { recursive: true }));

  it("takes the release's own sources and leaves out the others", async () => {
    expect(await hostAptSources(root)).to.deep.equal({
      suite: "bookworm",
      lines: [
        "deb http://a.invalid/debian bookworm main contrib",
        "deb http://s.invalid/debian-security bookworm-security main",
      ],
    });
  });
});
