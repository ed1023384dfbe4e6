import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { median, quantile, ratioOf } from '../../../ts/bench/statistics.js';

describe('statistics of measurements', () => {
  it('interpolates quantiles as NumPy does', () => {
    strictEqual(median([3, 1, 2]), 2);
    strictEqual(median([4, 1, 2, 3]), 2.5);
    strictEqual(quantile([1, 2, 3, 4], 0.25), 1.75);
    strictEqual(quantile([1, 2, 3, 4], 1), 4);
    strictEqual(quantile([7], 0.3), 7);
  });

  it('compares round by round, so that a slow phase of the machine does not count', () => {
    const ours = [1, 1, 10, 1], other = [2, 2, 20, 3];
    deepStrictEqual(ratioOf(ours, other), { median: 2, low: 2, high: 2.25 });
  });
});
