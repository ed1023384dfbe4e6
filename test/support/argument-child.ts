/** Makes the wrong calls of argument-cases.ts where no libtorch can be found, and prints what each did. */
import { ARGUMENT_CASES } from './argument-cases.js';

function outcome(call: () => unknown): string {
  try {
    const result = call();
    // An argument error in a promise is one too late.
    if (result instanceof Promise) result.catch(() => undefined);
    return result instanceof Promise ? 'a promise' : 'a result';
  } catch (error) {
    return error instanceof Error ? error.constructor.name : typeof error;
  }
}

process.stdout.write(JSON.stringify(ARGUMENT_CASES.map(([, , call]) => outcome(call))));
