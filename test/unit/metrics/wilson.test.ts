import assert from 'node:assert/strict';
import { wilsonInterval } from '../../../ts/metrics/wilson.js';

describe('wilsonInterval', () => {
  // scipy.stats.binomtest(right, count).proportion_ci(method='wilson')
  const expected: [right: number, count: number, lower: number, upper: number][] = [
    [0, 5, 0, 0.4344824648],
    [5, 5, 0.5655175352, 1],
    [7, 10, 0.3967781475, 0.8922087326],
    [450, 1000, 0.4194153841, 0.4809672918],
  ];
  for (const [right, count, lower, upper] of expected) {
    it(`is that of SciPy for ${right} of ${count}`, () => {
      const [low, high] = wilsonInterval(right, count);
      assert.ok(Math.abs(low - lower) < 1e-9 && Math.abs(high - upper) < 1e-9, `${low} ${high}`);
    });
  }
});
