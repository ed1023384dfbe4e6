import assert from 'node:assert/strict';
import { accuracy, bootstrapInterval, rocAuc } from '../../../ts/metrics/index.js';
import { quantile } from '../../../ts/metrics/bootstrap.js';
import { createRandom } from '../../../ts/metrics/random.js';

function sample(count: number, seed: number): { scores: number[]; labels: number[] } {
  const random = createRandom(seed);
  const labels = Array.from({ length: count }, () => random.below(2));
  return {
    labels,
    scores: labels.map((label) => (random.uniform() + random.uniform() + 0.4 * label) / 2.4),
  };
}

describe('bootstrapInterval()', () => {
  it('the same seed gives the same interval, another seed another', () => {
    const set = sample(80, 1);
    const first = bootstrapInterval(set, rocAuc, { seed: 5, resamples: 200 });
    assert.deepEqual(bootstrapInterval(set, rocAuc, { seed: 5, resamples: 200 }), first);
    assert.notDeepEqual(bootstrapInterval(set, rocAuc, { seed: 6, resamples: 200 }), first);
  });

  it('holds the estimate, and narrows with more samples', () => {
    const width = (count: number): number => {
      const interval = bootstrapInterval(sample(count, 2), rocAuc, { resamples: 300 })!;
      assert.ok(interval.lower < interval.estimate && interval.estimate < interval.upper);
      return interval.upper - interval.lower;
    };
    assert.ok(width(1600) < width(100) / 2);
  });

  it('covers the value of the whole population about as often as it says', () => {
    const truth = rocAuc(sample(40_000, 3))!;
    let covered = 0;
    for (let trial = 0; trial < 100; trial++) {
      const interval = bootstrapInterval(sample(150, 100 + trial), rocAuc, {
        resamples: 200,
        confidence: 0.9,
      })!;
      if (interval.lower <= truth && truth <= interval.upper) covered++;
    }
    assert.ok(covered >= 80 && covered <= 98, `${covered} of 100 intervals of 90 %`);
  });

  it('takes any metric, also on one class; null where the metric is null', () => {
    const fakes = { scores: [0.2, 0.7, 0.9], labels: [1, 1, 1] };
    assert.equal(bootstrapInterval(fakes, rocAuc), null);
    assert.equal(bootstrapInterval(fakes, (s) => accuracy(s, 0.5))!.estimate, 2 / 3);
  });

  it('refuses bad options and a metric that is NaN', () => {
    const set = sample(10, 4);
    assert.throws(() => bootstrapInterval(set, rocAuc, { resamples: 10 }), RangeError);
    assert.throws(() => bootstrapInterval(set, rocAuc, { confidence: 1 }), RangeError);
    assert.throws(() => bootstrapInterval(set, rocAuc, { seed: -1 }), RangeError);
    assert.throws(() => bootstrapInterval(set, () => NaN, {}), { code: 'ERR_NONFINITE' });
  });
});

describe('quantile()', () => {
  it('interpolates as NumPy does', () => {
    assert.equal(quantile([1, 2, 4], 0), 1);
    assert.equal(quantile([1, 2, 4], 1), 4);
    assert.equal(quantile([1, 2, 4], 0.75), 3);
  });
});

describe('createRandom()', () => {
  it('is uniform over small ranges', () => {
    const random = createRandom(9);
    const counts = [0, 0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 70_000; i++) counts[random.below(7)]!++;
    // Chi-squared with 6 degrees of freedom: 22.46 is passed once in a thousand seeds; this one is
    // fixed.
    const chi2 = counts.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0);
    assert.ok(chi2 < 22.46, `chi2 ${chi2}`);
  });

  it('neighbouring seeds differ', () => {
    const firsts = new Set(
      Array.from({ length: 1000 }, (_, seed) => createRandom(seed).below(2 ** 32)),
    );
    assert.equal(firsts.size, 1000);
  });
});
