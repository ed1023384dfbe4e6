/**
 * Where a command's words go: results to stdout, progress and notes to stderr. On a terminal, progress is
 * one line that rewrites itself; elsewhere it is a plain line every few seconds.
 */
import { once } from 'node:events';

/** What is needed of a tty.WriteStream; tests pass an ordinary stream. */
export interface Sink extends NodeJS.WritableStream {
  isTTY?: boolean;
  columns?: number;
  writableNeedDrain?: boolean;
}

/** Milliseconds between two rewrites on a terminal, and between two plain lines elsewhere. */
const REWRITE_INTERVAL = 80;
const PLAIN_INTERVAL = 5000;

const CLEAR_LINE = '\r\u001b[K';
const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Style = keyof typeof STYLES;

/** https://no-color.org and https://force-color.org. */
function wantsColor(sink: Sink, environment: NodeJS.ProcessEnv): boolean {
  if (environment.NO_COLOR) return false;
  if (environment.FORCE_COLOR) return environment.FORCE_COLOR !== '0';
  return sink.isTTY === true && environment.TERM !== 'dumb';
}

/** Control characters of file names must not reach a terminal. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
}

export class Output {
  readonly #stdout: Sink;
  readonly #stderr: Sink;
  readonly #color: { stdout: boolean; stderr: boolean };
  #progress = '';
  #lastProgress = -Infinity;
  #closed = false;

  constructor(stdout: Sink, stderr: Sink, environment: NodeJS.ProcessEnv = process.env) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#color = {
      stdout: wantsColor(stdout, environment),
      stderr: wantsColor(stderr, environment),
    };
  }

  /** True when results go to a terminal, and so to a person. */
  get interactive(): boolean {
    return this.#stdout.isTTY === true;
  }

  /** The reader of stdout has gone away: nothing more is written, and there is no point in going on. */
  get closed(): boolean {
    return this.#closed;
  }

  markClosed(): void {
    this.#closed = true;
  }

  /** `text` in a style, when results go to a terminal with colours. */
  paint(style: Style, text: string): string {
    return this.#color.stdout ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text;
  }

  /** One or more lines of result on stdout. Waits while the reader is slower than we are. */
  async result(text: string): Promise<void> {
    if (this.#closed) return;
    if (this.interactive) this.#clear();
    const ready = this.#stdout.write(`${text}\n`);
    if (this.interactive) this.#draw();
    if (ready || this.#closed) return;
    await this.#drained();
  }

  /** One JSON object on a line of its own. */
  json(value: object): Promise<void> {
    return this.result(JSON.stringify(value));
  }

  /** A line on stderr that stays. */
  note(text: string, style?: Style): void {
    this.#clear();
    const painted = style && this.#color.stderr ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text;
    this.#stderr.write(`${painted}\n`);
    this.#draw();
  }

  /** The state of a long job, in one line. Cheap to call often: most calls only remember the text. */
  progress(text: string): void {
    this.#progress = text;
    const now = performance.now();
    if (this.#stderr.isTTY) {
      if (now - this.#lastProgress < REWRITE_INTERVAL) return;
      this.#lastProgress = now;
      this.#draw();
    } else if (this.#lastProgress === -Infinity) {
      this.#lastProgress = now;
    } else if (now - this.#lastProgress >= PLAIN_INTERVAL) {
      this.#lastProgress = now;
      this.#stderr.write(`${text}\n`);
    }
  }

  /** Ends the progress line; `last` stays in its place. */
  endProgress(last?: string): void {
    this.#clear();
    this.#progress = '';
    this.#lastProgress = -Infinity;
    if (last !== undefined) this.#stderr.write(`${last}\n`);
  }

  /** A reader that goes away ends the wait through 'close' or through the error that main handles. */
  async #drained(): Promise<void> {
    const wait = new AbortController();
    const { signal } = wait;
    const ends = ['drain', 'close'].map((event) => once(this.#stdout, event, { signal }));
    await Promise.race(ends).catch(() => undefined);
    // Takes away the listeners of the event that did not come.
    wait.abort();
  }

  #clear(): void {
    if (this.#stderr.isTTY && this.#progress) this.#stderr.write(CLEAR_LINE);
  }

  #draw(): void {
    if (!this.#stderr.isTTY || !this.#progress) return;
    const width = (this.#stderr.columns || 80) - 1;
    this.#stderr.write(CLEAR_LINE + this.#progress.slice(0, width));
  }
}
