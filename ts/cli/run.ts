/** The process around a command: its streams, its signals and its exit code. */
import { setImmediate } from 'node:timers/promises';
import { toIoError } from '../weights/durable.js';
import type { Session } from './define-command.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { listenForSignals } from './interrupt.js';
import { Output } from './output.js';
import { createProgram } from './program.js';
import { exitCodeOf, reportError } from './report-error.js';

interface StreamWatch {
  /** Why a stream could not be written to; undefined where none failed. */
  readonly failure: unknown;
}

/**
 * Stops the work when a stream fails. A reader that closes the pipe early (`deepcode ... | head`) is no failure:
 * exit 0.
 */
function watchStreams(controller: AbortController, output: Output): StreamWatch {
  let failure: unknown;
  const watch = (stream: NodeJS.WriteStream, name: string): void => {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!output.closed && error.code !== 'EPIPE') failure = toIoError(name, error);
      output.markClosed();
      controller.abort();
    });
  };
  watch(process.stdout, 'standard output');
  watch(process.stderr, 'standard error');
  return {
    get failure() {
      return failure;
    },
  };
}

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.errored || stream.writableLength === 0) resolve();
    else stream.write('', () => resolve());
  });
}

/** Resolves when everything is written, or it is known that it cannot be. */
async function flushAll(): Promise<void> {
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
  // A stream has failed before it says so.
  await setImmediate();
}

/** One command line in surroundings of the caller's; failures are reported on the session's output. */
export async function runCommand(argv: readonly string[], session: Session): Promise<ExitCode> {
  try {
    await createProgram(session).parseAsync([...argv], { from: 'user' });
    return session.exitCode;
  } catch (error) {
    if (session.output.closed) return EXIT.ok;
    reportError(error, session.output);
    return exitCodeOf(error);
  }
}

/**
 * Runs the command line.
 *
 * @param argv arguments after the program's name
 * @returns the exit code
 */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  const controller = new AbortController();
  const output = new Output(process.stdout, process.stderr);
  const interruption = listenForSignals(controller, output);
  const streams = watchStreams(controller, output);
  const code = await runCommand(argv, { output, signal: controller.signal, exitCode: EXIT.ok });
  await flushAll();
  interruption.dispose();
  if (streams.failure === undefined) return interruption.exitCode ?? code;
  reportError(streams.failure, output);
  return EXIT.failed;
}

/** Runs the command line of this process and exits. */
export async function runProcess(): Promise<void> {
  const code = await main(process.argv.slice(2));
  await flushAll();
  // Decoders and idle threads of other packages must not keep a finished command alive.
  process.exit(code);
}
