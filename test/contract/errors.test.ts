/** Codes are a promise: a program may depend on them. */
import assert from 'node:assert/strict';
import {
  AbortError,
  DeepcodeError,
  ERROR_CODES,
  errorCode,
  invalidArgument,
  isInvalidArgument,
  outOfRange,
} from '../../ts/errors.js';

/** Taken out of this list, a code would break its users. */
const PROMISED = [
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

describe('errors', () => {
  it('have the promised codes', () => {
    assert.deepEqual(
      PROMISED.filter((code) => !ERROR_CODES.includes(code)),
      [],
    );
  });

  it('are short', () => {
    const error = new DeepcodeError('ERR_IO', 'x'.repeat(1000));
    assert.ok(error.message.length <= 300);
    assert.ok(error instanceof Error && error.name === 'DeepcodeError');
  });

  it('of arguments say what was expected and received, with a code', () => {
    const type = invalidArgument('threads', 'an integer', 'four');
    assert.ok(type instanceof TypeError && isInvalidArgument(type));
    assert.equal(
      type.message,
      'Expected an integer for threads but received "four" of type string',
    );
    assert.match(invalidArgument('image', 'an image', Object.create(null)).message, /received a value of type object/);
    const range = outOfRange('threads', 'an integer from 0 to 8', 9);
    assert.ok(range instanceof RangeError && isInvalidArgument(range));
    assert.deepEqual(
      [type, range].map((error) => (error as Error & { code?: string }).code),
      ['ERR_INVALID_ARG', 'ERR_OUT_OF_RANGE'],
    );
    assert.equal(isInvalidArgument(new TypeError('x is not a function')), false);
  });

  it('are told apart by code', () => {
    assert.equal(errorCode(new DeepcodeError('ERR_IMAGE', 'no')), 'ERR_IMAGE');
    assert.equal(errorCode(new AbortError()), 'ABORT_ERR');
    assert.equal(errorCode(AbortSignal.abort().reason), 'ABORT_ERR');
    assert.equal(errorCode('text'), 'ERR_INTERNAL');
  });
});
