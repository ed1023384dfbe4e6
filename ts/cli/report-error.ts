/** How a failed command tells its user: one sentence with the code; the stack only on request. */
import { CommanderError } from 'commander';
import { errorCode, isAbort, isInvalidArgument } from '../errors.js';
import { EXIT, UsageError, type ExitCode } from './exit-codes.js';
import { printable, type Output } from './output.js';

function isUsage(error: unknown): error is Error {
  return error instanceof UsageError || isInvalidArgument(error);
}

/** The exit code that `error` stands for. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (isUsage(error)) return EXIT.usage;
  return isAbort(error) ? EXIT.interrupted : EXIT.failed;
}

/** Prints `error` on stderr; commander has printed its own already. */
export function reportError(error: unknown, output: Output, environment = process.env): void {
  output.endProgress();
  if (error instanceof CommanderError) return;
  if (isAbort(error)) return output.note('Interrupted.');
  const message = error instanceof Error ? error.message : String(error);
  const code = isUsage(error) ? '' : ` [${errorCode(error)}]`;
  output.note(`deepcode: ${printable(message)}${code}`, 'red');
  if (!environment.DEEPCODE_DEBUG || !(error instanceof Error)) return;
  output.note(error.stack ?? '');
  if (error.cause !== undefined)
    output.note(`cause: ${String((error.cause as Error).stack ?? error.cause)}`);
}
