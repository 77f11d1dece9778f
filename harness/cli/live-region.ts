interface TerminalStream extends NodeJS.WritableStream {
  readonly columns?: number;
  readonly rows?: number;
}

const REDRAW_MS = 100;
const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
const CLEAR_BELOW = "\x1b[0J";

/** The last lines of a terminal, drawn again and again; what is printed goes above them and stays. */
export class LiveRegion {
  readonly #stream: TerminalStream;
  readonly #draw: (columns: number) => readonly string[];
  #drawnLines = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param draw lines no wider than `columns` visible characters */
  constructor(stream: TerminalStream, draw: (columns: number) => readonly string[]) {
    this.#stream = stream;
    this.#draw = draw;
  }

  start(): void {
    if (this.#timer) return;
    this.#stream.write(HIDE_CURSOR);
    process.once("exit", this.#restore);
    this.#timer = setInterval(() => this.print([]), REDRAW_MS);
    this.#timer.unref();
    this.print([]);
  }

  /** Puts lines above the region. */
  print(lines: readonly string[]): void {
    const region = this.#timer
      ? this.#draw((this.#stream.columns ?? 80) - 1).slice(0, (this.#stream.rows ?? 24) - 1)
      : [];
    const up = this.#drawnLines > 0 ? `\x1b[${this.#drawnLines}A\r` : "";
    this.#stream.write(`${up}${CLEAR_BELOW}${[...lines, ...region].map((line) => `${line}\n`).join("")}`);
    this.#drawnLines = region.length;
  }

  stop(): void {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.print([]);
    this.#restore();
    process.removeListener("exit", this.#restore);
  }

  readonly #restore = (): void => {
    this.#stream.write(SHOW_CURSOR);
  };
}
