import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { makePagesPrivate, outsideLoads, privatePage } from "./private-pages.ts";

const ANALYTICS = `
    <script async src="https://www.googletagmanager.com/gtag/js?id=G-TEST"></script>
    <script>
        window.dataLayer = window.dataLayer || [];
        function gtag(){dataLayer.push(arguments);}
        gtag('js', new Date());
    </script>`;
const page = (body: string): string =>
  `<!DOCTYPE html>\n<html><head><title>Allure</title></head><body>${body}</body></html>\n`;

describe("the pages of a report", () => {
  const own = `<script src="app.js"></script><script>window.allure = { at: "https://example.org" };</script>`;
  const link = `<a href="https://example.org/spec">the clause</a>`;
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), "plumbline-pages-"));
    writeFileSync(path.join(dir, "app.js"), "draw();");
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const write = (name: string, text: string): void => writeFileSync(path.join(dir, name), text);

  it("lose analytics, and keep their own scripts and links", () => {
    expect(outsideLoads(page(ANALYTICS))).to.contain("googletagmanager");
    write("index.html", page(`${link}${own}${ANALYTICS}`));
    makePagesPrivate(dir);
    const html = readFileSync(path.join(dir, "index.html"), "utf8");
    expect(html).not.to.match(/googletagmanager|gtag/);
    expect(html).to.contain(own).and.to.contain(link);
    expect(outsideLoads(html)).to.equal(undefined);
  });

  it("forbid browsers to load from elsewhere, before anything is loaded", () => {
    const html = privatePage(page(own));
    expect(html).to.match(/<head>\s*<meta http-equiv="Content-Security-Policy" content="default-src 'self'[^"]*">/);
    expect(html).not.to.match(/Policy" content="[^"]*(https?:|\*)/);
    expect(privatePage(html)).to.equal(html);
  });

  const loaders = [
    `<link rel="stylesheet" href="https://fonts.example.org/a.css">`,
    `<img alt="" src='//counter.example.org/1.gif'>`,
    `<iframe src=http://example.org></iframe>`,
  ];
  for (const loader of loaders) {
    it(`are refused with ${loader}`, () => {
      write("index.html", page(loader));
      expect(() => makePagesPrivate(dir))
        .to.throw(/example\.org/)
        .with.property("code", "PL_ALLURE_ANALYTICS");
    });
  }

  it("are refused if a script of the report has analytics in it", () => {
    write("index.html", page(own));
    write("app.js", `load("https://www.google-analytics.com/analytics.js")`);
    expect(() => makePagesPrivate(dir))
      .to.throw(/app\.js/)
      .with.property("code", "PL_ALLURE_ANALYTICS");
  });

  it("may have attachments that speak of anything", () => {
    mkdirSync(path.join(dir, "data", "attachments"), { recursive: true });
    write("index.html", page(own));
    write("data/attachments/seen.html", page(ANALYTICS));
    makePagesPrivate(dir);
    expect(readFileSync(path.join(dir, "data/attachments/seen.html"), "utf8")).to.equal(page(ANALYTICS));
  });

  it("are done in linear time when all data is in one file", () => {
    const data = `<script src="data:text/javascript;base64,${"QUJD".repeat(2_000_000)}"></script>`;
    const inline = `<script>const d = "${"x < y && ".repeat(1_000_000)}";</script>`;
    write("index.html", page(`${data}${inline}${ANALYTICS}`));
    const beganMs = performance.now();
    makePagesPrivate(dir);
    expect(performance.now() - beganMs).to.be.lessThan(5_000);
    expect(readFileSync(path.join(dir, "index.html"), "utf8"))
      .to.contain(inline)
      .and.not.to.contain("gtag");
  });
});
