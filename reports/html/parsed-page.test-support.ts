import { parse, type DefaultTreeAdapterTypes } from "parse5";

type Node = DefaultTreeAdapterTypes.Node;
export type Element = DefaultTreeAdapterTypes.Element;

/** A page as a browser reads it, and what of it is against the standard. */
export class ParsedPage {
  readonly errors: string[] = [];
  readonly elements: readonly Element[];

  constructor(html: string) {
    const document = parse(html, { onParseError: ({ code }) => this.errors.push(code) });
    this.elements = elementsIn(document);
  }

  /** @param attribute which it must have, with this value if one is given */
  all(tag: string, attribute?: string, value?: string): readonly Element[] {
    return this.elements.filter((element) => {
      const found = attribute === undefined ? "" : attributeOf(element, attribute);
      return element.tagName === tag && found !== undefined && (value === undefined || found === value);
    });
  }

  byId(id: string): Element {
    const [found, second] = this.elements.filter((element) => attributeOf(element, "id") === id);
    if (!found || second) throw new Error(`the page has ${second ? "several" : "no"} #${id}`);
    return found;
  }
}

export function elementsIn(node: Node): readonly Element[] {
  const children = "childNodes" in node ? node.childNodes : [];
  return children.flatMap((child) => ("tagName" in child ? [child, ...elementsIn(child)] : []));
}

export function attributeOf(element: Element, name: string): string | undefined {
  return element.attrs.find((attribute) => attribute.name === name)?.value;
}

export function textOf(node: Node): string {
  if ("value" in node) return node.value;
  return "childNodes" in node ? node.childNodes.map(textOf).join("") : "";
}
