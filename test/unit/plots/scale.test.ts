import assert from 'node:assert/strict';
import { extent, linearScale, niceDomain, niceTicks, tickFormat } from '../../../ts/plots/scale.js';

describe('niceTicks()', () => {
  it('gives round numbers without noise', () => {
    assert.deepEqual(niceTicks([0, 1]), [0, 0.2, 0.4, 0.6, 0.8, 1]);
    assert.deepEqual(niceTicks([0, 0.3], 3), [0, 0.1, 0.2, 0.3]);
    assert.deepEqual(niceTicks([-5, 5]), [-4, -2, 0, 2, 4]);
    assert.deepEqual(niceTicks([1, 12], 6, 1), [2, 4, 6, 8, 10, 12]);
    assert.deepEqual(niceTicks([0.6, 1.4], 6, 1), [1]);
  });

  it('stays inside any domain and gives 2 to 12 ticks', () => {
    for (const low of [-1e6, -3.7, 0, 0.913, 12345]) {
      for (const span of [1e-6, 0.013, 1, 7.3, 999, 1e9]) {
        const ticks = niceTicks([low, low + span]);
        assert.ok(ticks.length >= 2 && ticks.length <= 12, `${low} + ${span}: ${ticks.join()}`);
        const slack = span * 1e-6;
        assert.ok(
          ticks.every((tick) => tick >= low - slack && tick <= low + span + slack),
          ticks.join(),
        );
      }
    }
  });
});

describe('niceDomain()', () => {
  it('widens to whole steps and leaves whole ones alone', () => {
    assert.deepEqual(niceDomain([0.03, 0.97]), [0, 1]);
    assert.deepEqual(niceDomain([0, 1]), [0, 1]);
  });
});

describe('extent()', () => {
  it('ignores what is not finite and gives one value room', () => {
    assert.deepEqual(extent([NaN, 2, Infinity, -1]), [-1, 2]);
    assert.deepEqual(extent([4]), [2, 6]);
    assert.deepEqual(extent([0, 0]), [-1, 1]);
    assert.throws(() => extent([NaN]), { code: 'ERR_SHAPE' });
  });
});

describe('tickFormat()', () => {
  it('uses as many decimals as the step needs', () => {
    assert.deepEqual([0, 0.25, 0.5].map(tickFormat([0, 0.25, 0.5])), ['0.00', '0.25', '0.50']);
    assert.deepEqual([0, 0.2, 1].map(tickFormat([0, 0.2, 1])), ['0.0', '0.2', '1.0']);
    assert.deepEqual([-2, 0, 2].map(tickFormat([-2, 0, 2])), ['\u22122', '0', '2']);
    assert.deepEqual([0, 1e-5].map(tickFormat([0, 1e-5])), ['0', '1.0e-5']);
  });
});

describe('linearScale()', () => {
  it('maps the ends of the domain to the ends of the range', () => {
    const scale = linearScale([2, 4], 100, 0);
    assert.deepEqual([2, 3, 4].map(scale), [100, 50, 0]);
  });
});
