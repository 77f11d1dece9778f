import { styleText } from "node:util";

export type PaintName = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Colours a text, or leaves it alone. */
export type Paint = (name: PaintName, text: string) => string;

/** @param enabled whether the stream shows colours */
export function createPaint(enabled: boolean): Paint {
  return enabled ? (name, text) => styleText(name, text, { validateStream: false }) : (_name, text) => text;
}
