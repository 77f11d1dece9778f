import { expect } from "chai";
import fc from "fast-check";
import { parseFragment } from "parse5";
import { link, markup, trusted } from "./markup.ts";
import { attributeOf, elementsIn, textOf } from "./parsed-page.test-support.ts";

/** Text without what pictures stand for, and without the pictures. */
function bare(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(/(?![\t\n])[\p{Cc}\p{NChar}\u2400-\u241F\uFFFD]/gu, "?");
}

describe("markup", () => {
  it("escapes values, not templates in templates, and leaves nothing out", () => {
    const inner = markup`<b>${"<i>"}</b>`;
    expect(markup`<p>${inner}${["&", 1]}${undefined}${false}${trusted("<br>")}</p>`.text).to.equal(
      "<p><b>&lt;i&gt;</b>&amp;1<br></p>",
    );
  });

  it("keeps any text as text, in an element and in an attribute", () => {
    const nasty = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc
        .array(fc.constantFrom("<", ">", '"', "'", "&", "/", "lt;", "script", "<!--", "]]>", "`", "="))
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(nasty, (text) => {
        const errors: string[] = [];
        const root = parseFragment(markup`<p title="${text}">${text}</p>`.text, {
          onParseError: ({ code }) => errors.push(code),
        });
        const [paragraph, ...others] = elementsIn(root);
        expect(others, "elements inside").to.deep.equal([]);
        expect(errors).to.deep.equal([]);
        if (!paragraph) throw new Error("no paragraph");
        expect(bare(textOf(paragraph))).to.equal(bare(text));
        expect(attributeOf(paragraph, "title")).to.equal(textOf(paragraph));
      }),
    );
  });

  it("shows control characters, which HTML cannot hold", () => {
    expect(markup`${"\u001B[31mred\u0000\r\n\uD800\u007F"}`.text).to.equal("␛[31mred␀\n\uFFFD\uFFFD");
  });

  it("makes links to the web alone", () => {
    expect(link("https://example.org/?a=1&b=2", "x").text).to.equal(
      '<a href="https://example.org/?a=1&amp;b=2" rel="noreferrer">x</a>',
    );
    for (const url of ["javascript:alert(1)", " https://example.org", "data:text/html,x", "//example.org", ""])
      expect(link(url, "x").text, url).to.equal("x");
  });
});
