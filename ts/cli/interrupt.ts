/** SIGINT and SIGTERM: the first asks the command to stop, a second SIGINT ends the process at once. */
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Output } from './output.js';

export interface Interruption {
  /** The exit code of the signal that came; undefined when none did. */
  readonly exitCode: ExitCode | undefined;
  /** Stops listening. */
  dispose(): void;
}

/** Aborts `controller` when a signal comes. */
export function listenForSignals(controller: AbortController, output: Output): Interruption {
  let exitCode: ExitCode | undefined;
  const onInterrupt = (): void => {
    if (exitCode !== undefined) process.exit(EXIT.interrupted);
    exitCode = EXIT.interrupted;
    output.note('Stopping. Press Ctrl-C again to stop at once.');
    controller.abort();
  };
  const onTerminate = (): void => {
    exitCode ??= EXIT.terminated;
    controller.abort();
  };
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate);
  return {
    get exitCode() {
      return exitCode;
    },
    dispose: () => process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate),
  };
}
