/** One side of a comparison in a process of its own, idle until it is asked to measure. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { throwIfAborted } from '../abortable.js';
import { DeepcodeError } from '../errors.js';
import type { SideJob, SideReady, SideTimes } from './job.js';

export interface SideCommand {
  /** For messages: "timm". */
  title: string;
  program: string;
  /** The job follows them. */
  args: readonly string[];
}

/** The last characters of stderr that a failure shows. */
const TAIL = 200;

/** All sides get the same number of threads; those that wait sleep, and leave the processor to who is measured. */
function environmentOf(threads: number): NodeJS.ProcessEnv {
  const count = String(threads);
  return { ...process.env, OMP_NUM_THREADS: count, MKL_NUM_THREADS: count, OMP_WAIT_POLICY: 'passive' };
}

export class SideProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: AsyncIterator<string>;
  readonly #title: string;
  #errors = '';

  private constructor(child: ChildProcessByStdio<Writable, Readable, Readable>, title: string) {
    this.#child = child;
    this.#title = title;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-TAIL);
    });
    // A side that died shows as the end of its output; writing to it must not be an error of its own.
    child.stdin.on('error', () => undefined);
  }

  /**
   * Starts a side and waits until it is warm.
   *
   * @param signal kills the process
   * @throws DeepcodeError ERR_IO when it cannot be started or ends early; AbortError
   */
  static async start(command: SideCommand, job: SideJob, signal: AbortSignal): Promise<{ side: SideProcess; ready: SideReady }> {
    const child = spawn(command.program, [...command.args, JSON.stringify(job)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: environmentOf(job.threads),
      signal,
    });
    const started = new Promise<void>((resolve, reject) => child.once('spawn', resolve).on('error', reject));
    const side = new SideProcess(child, command.title);
    await started.catch((error: Error) => {
      throw new DeepcodeError('ERR_IO', `${command.title} cannot be started: ${error.message}`, { cause: error });
    });
    try {
      return { side, ready: await side.#receive<SideReady>(signal) };
    } catch (error) {
      await side.stop();
      throw error;
    }
  }

  /** How long one of `iterations` iterations took on average. A side that runs in Node says more: NodeSideTimes. */
  async measure<T extends SideTimes = SideTimes>(iterations: number, signal: AbortSignal): Promise<T> {
    this.#child.stdin.write(`${iterations}\n`);
    const times = await this.#receive<T>(signal);
    return { ...times, seconds: times.seconds / iterations, cpuSeconds: times.cpuSeconds / iterations };
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'close').catch(() => undefined);
    this.#child.stdin.end();
    this.#child.kill('SIGTERM');
    await gone;
  }

  async #receive<T>(signal: AbortSignal): Promise<T> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      throwIfAborted(signal);
      if (done) throw new DeepcodeError('ERR_IO', `${this.#title} ended early: ${this.#errors.trim().replace(/\s+/g, ' ')}`);
      // Libraries may print notices of their own.
      if (value.startsWith('{')) return JSON.parse(value) as T;
    }
  }
}
