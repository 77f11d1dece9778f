/** An element that can be printed. */
export interface XmlNode {
  text(indent: string): string;
}

/** @param content text, or the elements inside */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  content: string | readonly XmlNode[],
): XmlNode {
  const open = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escapeAttribute(value)}"`)].join(
    " ",
  );
  return {
    text(indent) {
      if (content.length === 0) return `${indent}<${open}/>\n`;
      if (typeof content === "string") return `${indent}<${open}>${escapeText(content)}</${name}>\n`;
      const inside = content.map((node) => node.text(`${indent}  `)).join("");
      return `${indent}<${open}>\n${inside}${indent}</${name}>\n`;
    },
  };
}

function escapeText(text: string): string {
  return allowed(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function escapeAttribute(text: string): string {
  // Literal line ends in an attribute are read back as blanks.
  return escapeText(text)
    .replaceAll('"', "&quot;")
    .replaceAll("\t", "&#9;")
    .replaceAll("\r", "&#13;")
    .replaceAll("\n", "&#10;");
}

/** XML 1.0 has no way to write most control characters and lone surrogates, not even escaped; output of programs has them. */
function allowed(text: string): string {
  return text.replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD");
}
