/** Stable error codes. A code never changes its meaning between versions; messages may. */
export const ERROR_CODES = [
  'ERR_SHAPE',
  'ERR_DTYPE',
  'ERR_WEIGHTS_MISSING',
  'ERR_WEIGHTS_UNEXPECTED',
  'ERR_WEIGHTS_SHAPE',
  'ERR_WEIGHTS_FORMAT',
  'ERR_WEIGHTS_NONFINITE',
  'ERR_CONFIG',
  'ERR_DATASET',
  'ERR_IMAGE',
  'ERR_IO',
  'ERR_NETWORK',
  'ERR_CHECKSUM',
  'ERR_OFFLINE',
  'ERR_DEVICE',
  'ERR_OUT_OF_MEMORY',
  'ERR_NONFINITE',
  'ERR_DISPOSED',
  'ERR_BUSY',
  'ERR_INTERNAL',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** The longest message an error carries, in UTF-16 code units. */
export const MAX_MESSAGE_LENGTH = 300;

function shorten(message: string): string {
  if (message.length <= MAX_MESSAGE_LENGTH) return message;
  return `${message.slice(0, MAX_MESSAGE_LENGTH - 1)}…`;
}

/** Every failure that is not a wrong argument: it has a stable `code` and one or two sentences. */
export class DeepcodeError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(shorten(message), options);
    this.name = 'DeepcodeError';
    this.code = code;
  }
}

/** A call was cancelled through its AbortSignal. `cause` is the signal's reason. */
export class AbortError extends Error {
  readonly code = 'ABORT_ERR';

  constructor(message = 'The operation was aborted.', options?: ErrorOptions) {
    super(message, options);
    this.name = 'AbortError';
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && (ERROR_CODES as readonly string[]).includes(value);
}

/** True for an abort raised by this package or by the platform (fetch, timers, streams). */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** The code of any error, as printed by the CLI: ours, or ERR_INTERNAL for what is not ours. */
export function errorCode(error: unknown): ErrorCode | 'ABORT_ERR' {
  if (error instanceof DeepcodeError) return error.code;
  return isAbort(error) ? 'ABORT_ERR' : 'ERR_INTERNAL';
}

/** True for the TypeError or RangeError of a wrong argument made by this package. */
export function isInvalidArgument(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return error instanceof Error && (code === 'ERR_INVALID_ARG' || code === 'ERR_OUT_OF_RANGE');
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60));
  try {
    return String(value).slice(0, 60);
  } catch {
    // An object without a prototype has no text.
    return 'a value';
  }
}

/** "Expected X for Y but received Z of type T", a TypeError with code ERR_INVALID_ARG. */
export function invalidArgument(name: string, expected: string, received: unknown): TypeError {
  const message = `Expected ${expected} for ${name} but received ${shown(received)} of type ${typeof received}`;
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG' });
}

/** A TypeError with code ERR_INVALID_ARG for what was left out. @param flag how the command line calls it */
export function missingArgument(name: string, flag: string): TypeError {
  return Object.assign(new TypeError(`${name} (${flag}) must be given.`), { code: 'ERR_INVALID_ARG' });
}

/** As {@link invalidArgument}, for a number outside its range: a RangeError with code ERR_OUT_OF_RANGE. */
export function outOfRange(name: string, expected: string, received: number): RangeError {
  const message = `Expected ${expected} for ${name} but received ${received} of type number`;
  return Object.assign(new RangeError(message), { code: 'ERR_OUT_OF_RANGE' });
}
