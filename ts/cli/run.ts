/** The process around a command: its streams, its signals and its exit code. */
import type { Session } from './define-command.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { listenForSignals } from './interrupt.js';
import { Output } from './output.js';
import { createProgram } from './program.js';
import { exitCodeOf, reportError } from './report-error.js';

/** A reader that closes the pipe early (`deepcode ... | head`) is no failure: stop working, exit 0. */
function watchPipe(controller: AbortController, output: Output): void {
  const onError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    output.markClosed();
    controller.abort();
  };
  process.stdout.on('error', onError);
  process.stderr.on('error', onError);
}

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.errored) resolve();
    else stream.write('', () => resolve());
  });
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
  watchPipe(controller, output);
  const code = await runCommand(argv, { output, signal: controller.signal, exitCode: EXIT.ok });
  interruption.dispose();
  return interruption.exitCode ?? code;
}

/** Runs the command line of this process and exits. */
export async function runProcess(): Promise<void> {
  const code = await main(process.argv.slice(2));
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
  // Decoders and idle threads of other packages must not keep a finished command alive.
  process.exit(code);
}
