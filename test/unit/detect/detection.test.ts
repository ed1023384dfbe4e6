import assert from 'node:assert/strict';
import { checkUnsureBand, toDetection } from '../../../ts/detect/detection.js';

const band = (from: number, to: number): { from: number; to: number } => ({ from, to });

describe('toDetection', () => {
  it('is sigmoid((fake - real) / temperature)', () => {
    const { score, logits } = toDetection([1, 3], { temperature: 4, unsureBand: band(0.5, 0.5) });
    assert.ok(Math.abs(score - 1 / (1 + Math.exp(-0.5))) < 1e-15);
    assert.deepEqual(logits, [1, 3]);
  });

  it('stays within 0 and 1 for large logits', () => {
    const decision = { temperature: 0.01, unsureBand: band(0.5, 0.5) };
    assert.equal(toDetection([0, 1e30], decision).score, 1);
    assert.equal(toDetection([1e30, 0], decision).score, 0);
  });

  it('never returns a score that is not a number', () => {
    const decision = { temperature: 1, unsureBand: band(0.5, 0.5) };
    for (const logits of [
      [NaN, 0],
      [0, NaN],
      [Infinity, Infinity],
    ]) {
      assert.throws(() => toDetection(logits, decision), { code: 'ERR_NONFINITE' });
    }
  });

  it('labels by the band: real below it, fake from its upper end on', () => {
    const label = (score: number, from: number, to: number): string => {
      const logit = Math.log(score / (1 - score));
      return toDetection([0, logit], { temperature: 1, unsureBand: band(from, to) }).label;
    };
    assert.deepEqual(
      [0.29, 0.31, 0.69, 0.71].map((score) => label(score, 0.3, 0.7)),
      ['real', 'unsure', 'unsure', 'fake'],
    );
    assert.deepEqual(
      [label(0.5, 0.5, 0.5), label(0.5, 0.5, 0.6), label(0.5, 0.4, 0.5)],
      ['fake', 'unsure', 'fake'],
    );
  });
});

describe('checkUnsureBand', () => {
  it('takes 0 <= from <= to <= 1', () => {
    for (const good of [band(0, 0), band(0, 1), band(1, 1), band(0.2, 0.3)]) {
      assert.deepEqual(checkUnsureBand(good), good);
    }
    for (const wrong of [
      band(-0.1, 0.5),
      band(0.5, 1.1),
      band(0.6, 0.5),
      band(NaN, 0.5),
      band(0.5, NaN),
    ]) {
      assert.throws(() => checkUnsureBand(wrong), RangeError);
    }
    for (const wrong of [null, undefined, 5, [0, 1], { from: '0', to: 1 }]) {
      assert.throws(() => checkUnsureBand(wrong), TypeError);
    }
  });
});
