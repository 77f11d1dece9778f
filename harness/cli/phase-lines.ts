import { durationText } from "./duration-text.ts";
import type { Paint } from "./paint.ts";
import type { PhaseNode } from "./phase-node.ts";

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;

interface LiveView {
  readonly nowMs: number;
  readonly columns: number;
  readonly paint: Paint;
}

/** What is drawn of phases that run: each with the path of phases above it as indentation, none longer than the terminal. */
export function liveLines(roots: Iterable<PhaseNode>, view: LiveView): string[] {
  return [...roots].flatMap((root) => activeLines(root, 0, view));
}

function activeLines(node: PhaseNode, depth: number, view: LiveView): string[] {
  const frame = FRAMES[Math.floor(view.nowMs / FRAME_MS) % FRAMES.length] ?? "";
  const indent = "  ".repeat(depth);
  const title = `${node.title}  `;
  const duration = durationText(node.durationMs);
  const room = view.columns - indent.length - 2 - title.length - duration.length - 1;
  const detail = node.detail && room > 8 ? `  ${clip(node.detail, room - 2)}` : "";
  const used = clip(title, Math.max(1, view.columns - indent.length - 3 - duration.length));
  const line = `${indent}${view.paint("cyan", frame)} ${used}${view.paint("dim", duration)}${view.paint("dim", detail)}`;
  const children = node.children.filter((child) => child.state === "active");
  return [line, ...children.flatMap((child) => activeLines(child, depth + 1, view))];
}

/** What stays on the screen of a phase that has ended: itself and what was really done in it, two levels deep. */
export function finishedLines(node: PhaseNode, paint: Paint): string[] {
  const children = node.children.filter((child) => child.state !== "skipped");
  return [finishedLine(node, 0, paint), ...children.map((child) => finishedLine(child, 1, paint))];
}

function finishedLine(node: PhaseNode, depth: number, paint: Paint): string {
  const indent = "  ".repeat(depth);
  const duration = paint("dim", durationText(node.durationMs));
  const detail = node.detail ? `  ${node.detail}` : "";
  switch (node.state) {
    case "failed":
      return `${indent}${paint("red", "✖")} ${node.title}  ${duration}${paint("red", detail)}`;
    case "skipped":
      return `${indent}${paint("dim", "–")} ${node.title}${paint("dim", detail)}`;
    case "active":
    case "done":
      return `${indent}${paint("green", "✔")} ${node.title}  ${duration}${paint("dim", detail)}`;
  }
}

function clip(text: string, columns: number): string {
  return text.length > columns ? `${text.slice(0, Math.max(0, columns - 1))}…` : text;
}
