import assert from 'node:assert/strict';
import {
  confusionMatrix,
  confusionRates,
  selectThreshold,
  type ScoredSet,
} from '../../../ts/metrics/index.js';

function ratesAt(set: ScoredSet, threshold: number) {
  return confusionRates(confusionMatrix(set, threshold));
}

describe('selectThreshold()', () => {
  const set = {
    scores: [0.1, 0.2, 0.3, 0.6, 0.7, 0.4, 0.8, 0.9],
    labels: [0, 0, 0, 0, 0, 1, 1, 1],
  };

  it('lies halfway between the neighbouring scores', () => {
    assert.equal(selectThreshold({ scores: [0.25, 0.75], labels: [0, 1] }), 0.5);
  });

  it("'accuracy' beats every other cut", () => {
    const best = ratesAt(set, selectThreshold(set, 'accuracy')).accuracy;
    for (const score of [...set.scores, 2]) assert.ok(ratesAt(set, score).accuracy <= best);
    assert.equal(best, 7 / 8);
  });

  it("'youden' beats every other cut", () => {
    const gain = (t: number): number => ratesAt(set, t).tpr! - ratesAt(set, t).fpr!;
    const best = gain(selectThreshold(set, 'youden'));
    for (const score of [...set.scores, 2]) assert.ok(gain(score) <= best);
  });

  it('a target FPR is kept, with as many fakes found as it allows', () => {
    assert.deepEqual(
      [ratesAt(set, selectThreshold(set, { targetFpr: 0 }))].map((r) => [r.fpr, r.tpr]),
      [[0, 2 / 3]],
    );
    assert.deepEqual(
      [ratesAt(set, selectThreshold(set, { targetFpr: 0.4 }))].map((r) => [r.fpr, r.tpr]),
      [[0.4, 1]],
    );
  });

  it('a target that is met exactly is not lost to rounding', () => {
    const scores = Array.from({ length: 101 }, (_, i) => i / 100);
    const labels = scores.map((_, i) => (i === 71 ? 1 : 0));
    // 29 of 100 reals lie above the one fake, and 0.29 * 100 is 28.999999999999996.
    assert.equal(
      ratesAt({ scores, labels }, selectThreshold({ scores, labels }, { targetFpr: 0.29 })).tpr,
      1,
    );
  });

  it('goes above the highest score when calling nothing fake is best', () => {
    for (const top of [0, 0.5, 1])
      assert.ok(selectThreshold({ scores: [top, top], labels: [0, 0] }, 'accuracy') > top);
  });

  it('of equally good thresholds the highest is taken', () => {
    assert.equal(selectThreshold({ scores: [0.9, 0.5, 0.1], labels: [1, 0, 1] }, 'accuracy'), 0.7);
  });

  it('adjacent doubles are still told apart', () => {
    const above = 0.5 + Number.EPSILON / 2;
    const threshold = selectThreshold({ scores: [0.5, above], labels: [0, 1] });
    assert.equal(ratesAt({ scores: [0.5, above], labels: [0, 1] }, threshold).accuracy, 1);
  });

  it('refuses a bad criterion', () => {
    assert.throws(() => selectThreshold(set, { targetFpr: 1.1 }), RangeError);
    assert.throws(() => selectThreshold(set, { targetFpr: NaN }), RangeError);
    assert.throws(() => selectThreshold(set, 'f1' as 'youden'), TypeError);
  });
});
