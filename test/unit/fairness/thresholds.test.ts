import assert from 'node:assert/strict';
import { thresholdAtFpr } from '../../../ts/fairness/index.js';
import { isFitted, isPerGroup, parseThresholdRule, thresholdOn } from '../../../ts/fairness/thresholds.js';

describe('parseThresholdRule', () => {
  it('reads every rule', () => {
    assert.deepEqual(parseThresholdRule('model'), { kind: 'model' });
    assert.deepEqual(parseThresholdRule('0.4'), { kind: 'fixed', threshold: 0.4 });
    assert.deepEqual(parseThresholdRule('1'), { kind: 'fixed', threshold: 1 });
    assert.deepEqual(parseThresholdRule('fpr:.05'), { kind: 'overall-fpr', fpr: 0.05 });
    assert.deepEqual(parseThresholdRule('group-fpr:1e-2'), { kind: 'group-fpr', fpr: 0.01 });
    assert.deepEqual(parseThresholdRule('group-youden'), { kind: 'group-youden' });
  });

  for (const wrong of ['', 'own', '1.1', '-0.1', 'fpr', 'fpr:', 'fpr:2', 'fpr:NaN', 'group-fpr:x', '0x1', 'youden', '0.5 ', 'fpr:0.1\n'] as const) {
    it(`refuses ${JSON.stringify(wrong)}`, () => {
      assert.throws(() => parseThresholdRule(wrong), { name: 'TypeError', message: /Expected model, a score from 0 to 1, fpr:RATE/ });
    });
  }

  it('knows which rules are per group and which look at the images', () => {
    const kinds = ['model', '0.5', 'fpr:0.1', 'group-fpr:0.1', 'group-youden'].map(parseThresholdRule);
    assert.deepEqual(kinds.map(isPerGroup), [false, false, false, true, true]);
    assert.deepEqual(kinds.map(isFitted), [false, false, true, true, true]);
  });
});

describe('thresholdAtFpr', () => {
  const scores = [0.9, 0.1, 0.4, 0.4, 0.2];
  const accused = (fpr: number): number => scores.filter((score) => score >= thresholdAtFpr(scores, fpr)).length;

  it('accuses as many as the rate allows, and never splits a tie', () => {
    assert.deepEqual([0, 0.19, 0.2, 0.4, 0.59, 0.6, 0.8, 1].map(accused), [0, 0, 1, 1, 1, 3, 4, 5]);
    assert.equal(thresholdAtFpr(scores, 0.2), 0.65);
  });

  it('does not lose an image to the rounding of a share', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => i / 100);
    for (let k = 0; k <= 100; k++) {
      const threshold = thresholdAtFpr(hundred, k / 100);
      assert.equal(hundred.filter((score) => score >= threshold).length, k, `${k} %`);
    }
  });

  it('refuses no photos and rates that are none', () => {
    assert.throws(() => thresholdAtFpr([], 0.1), RangeError);
    for (const fpr of [-0.1, 1.1, NaN]) assert.throws(() => thresholdAtFpr(scores, fpr), RangeError);
  });
});

describe('thresholdOn', () => {
  const both = { scores: [0.1, 0.2, 0.6, 0.8], labels: [0, 0, 1, 1] };
  const reals = { scores: [0.1, 0.2], labels: [0, 0] };
  const fakes = { scores: [0.6, 0.8], labels: [1, 1] };

  it('is undefined where the class that the rule needs is missing', () => {
    const youden = parseThresholdRule('group-youden');
    const rate = parseThresholdRule('group-fpr:0.5');
    assert.equal(thresholdOn(both, youden, 0.5), 0.4);
    assert.equal(thresholdOn(reals, rate, 0.5), 0.15000000000000002);
    assert.deepEqual(
      [thresholdOn(reals, youden, 0.5), thresholdOn(fakes, youden, 0.5), thresholdOn(fakes, rate, 0.5)],
      [undefined, undefined, undefined],
    );
    assert.equal(thresholdOn(fakes, parseThresholdRule('model'), 0.3), 0.3);
  });
});
