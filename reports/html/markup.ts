/** Text that is HTML already. Only `markup` and `trusted` make it. */
class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
export type { Html };

/** What may stand in a template: text is escaped, lists are put one after the other, nothing is left out. */
export type Content = Html | string | number | undefined | false | readonly Content[];

/**
 * A template whose values cannot become markup. Attributes must stand in double quotes. It is not called `html`, since
 * prettier would then lay out the text in it, and blanks would appear where there must be none.
 */
export function markup(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(parts.map((part, i) => (i === 0 ? part : textOf(values[i - 1]) + part)).join(""));
}

/** Text that is taken as it is: our own style and script, and nothing that a run has seen. */
export function trusted(text: string): Html {
  return new Html(text);
}

function textOf(content: Content): string {
  if (content === undefined || content === false) return "";
  if (content instanceof Html) return content.text;
  if (typeof content === "object") return content.map(textOf).join("");
  return escaped(visible(String(content)));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** HTML has no way to write control characters; output of programs has them, and a reader should see them. */
function visible(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(/(?![\t\n])[\p{Cc}\p{Cs}\p{NChar}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    // U+2400 and on are pictures of them
    return code < 0x20 ? String.fromCodePoint(0x24_00 + code) : "\uFFFD";
  });
}

/** A link, or the bare text where the address is none that a page may lead to, such as `javascript:`. */
export function link(url: string, text: Content): Html {
  if (!/^https?:\/\//i.test(url)) return markup`${text}`;
  return markup`<a href="${url}" rel="noreferrer">${text}</a>`;
}
