/** Comparison of results with a reference. */
import assert from 'node:assert/strict';

/** The largest difference, relative to the largest magnitude of the reference. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  assert.equal(actual.length, expected.length);
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    // A NaN would slip through Math.max's comparison below.
    assert.ok(Number.isFinite(actual[i]), `value ${i} is ${actual[i]}`);
    difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!));
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return difference / scale;
}

export function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  const error = relativeError(actual, expected);
  assert.ok(error <= tolerance, `relative error ${error} is over ${tolerance}`);
}
