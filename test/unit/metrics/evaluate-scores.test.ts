import assert from 'node:assert/strict';
import { evaluateScores, type EvaluationInput } from '../../../ts/metrics/index.js';

function throwsCode(input: EvaluationInput, code: string, pattern: RegExp): void {
  assert.throws(
    () => evaluateScores(input),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, code);
      assert.match(error.message, pattern);
      return true;
    },
  );
}

describe('evaluateScores()', () => {
  const mixed = {
    scores: [0.1, 0.4, 0.35, 0.8, 0.9, 0.2],
    labels: [0, 0, 1, 1, 1, 0],
    sources: ['ffhq', 'ffhq', 'stylegan', 'stylegan', 'flux', 'flux'],
  };

  it('counts, rates and names of one set', () => {
    const report = evaluateScores(mixed);
    assert.deepEqual([report.count, report.real, report.fake, report.threshold], [6, 3, 3, 0.5]);
    assert.deepEqual(report.confusion, {
      truePositives: 2,
      falsePositives: 0,
      trueNegatives: 3,
      falseNegatives: 1,
    });
    assert.equal(report.accuracy, 5 / 6);
    assert.equal(report.tpr, 2 / 3);
    assert.equal(report.fpr, 0);
    assert.equal(report.auc, 8 / 9);
    assert.deepEqual(report.undefinedMetrics, []);
    assert.equal(report.undefinedReason, null);
  });

  it('a score on the threshold is fake', () => {
    assert.equal(evaluateScores({ scores: [0.5], labels: [1], threshold: 0.5 }).accuracy, 1);
  });

  it('reports every source by name, in order', () => {
    const { perSource } = evaluateScores(mixed);
    assert.deepEqual(
      perSource.map((s) => [s.source, s.real, s.fake]),
      [
        ['ffhq', 2, 0],
        ['flux', 1, 1],
        ['stylegan', 0, 2],
      ],
    );
  });

  it('a source of one class: null and named, with its AUC against the rest', () => {
    const [ffhq, flux, stylegan] = evaluateScores(mixed).perSource;
    assert.equal(ffhq!.auc, null);
    assert.deepEqual(ffhq!.undefinedMetrics.sort(), [
      'auc',
      'balancedAccuracy',
      'eer',
      'eerThreshold',
      'f1',
      'precision',
      'tpr',
    ]);
    assert.equal(ffhq!.undefinedReason, 'only real images');
    assert.equal(ffhq!.aucAgainstRest, 5 / 6);
    assert.equal(stylegan!.undefinedReason, 'only fake images');
    assert.equal(stylegan!.aucAgainstRest, 5 / 6);
    assert.equal(flux!.aucAgainstRest, flux!.auc);
  });

  it('has no AUC against the rest when the rest lacks the other class', () => {
    const report = evaluateScores({ scores: [0.2, 0.3], labels: [0, 0], sources: ['a', 'b'] });
    assert.equal(report.auc, null);
    assert.equal(report.perSource[0]!.aucAgainstRest, null);
  });

  it('takes the loss from logits where there are any, also per source', () => {
    const report = evaluateScores({
      scores: [0.5, 0.5],
      labels: [0, 1],
      logits: [2, 0, 0, 1],
      sources: ['a', 'b'],
    });
    const [real, fake] = [Math.log1p(Math.exp(-2)), Math.log1p(Math.exp(-1))];
    assert.ok(Math.abs(report.loss - (real + fake) / 2) < 1e-15);
    assert.ok(Math.abs(report.perSource[1]!.loss - fake) < 1e-15);
  });

  it('accepts Float32Array scores and Uint8Array labels', () => {
    const report = evaluateScores({
      scores: Float32Array.of(0.25, 0.75),
      labels: Uint8Array.of(0, 1),
    });
    assert.equal(report.auc, 1);
    assert.equal(report.brier, 0.0625);
  });

  it('refuses NaN and infinite scores and logits with ERR_NONFINITE', () => {
    throwsCode({ scores: [0.5, NaN], labels: [0, 1] }, 'ERR_NONFINITE', /Score 1 of 2 is NaN/);
    throwsCode({ scores: [Infinity], labels: [0] }, 'ERR_NONFINITE', /Infinity/);
    throwsCode(
      { scores: [0.5], labels: [0], logits: [0, NaN] },
      'ERR_NONFINITE',
      /logits of sample 0/,
    );
  });

  it('refuses empty sets and unequal lengths with ERR_SHAPE', () => {
    throwsCode({ scores: [], labels: [] }, 'ERR_SHAPE', /at least one score/);
    throwsCode({ scores: [0.5], labels: [0, 1] }, 'ERR_SHAPE', /1 scores and 2 labels/);
    throwsCode({ scores: [0.5], labels: [0], logits: [1] }, 'ERR_SHAPE', /1 x 2/);
    throwsCode({ scores: [0.5], labels: [0], sources: [] }, 'ERR_SHAPE', /1 scores and 0 sources/);
  });

  it('refuses other labels, scores outside [0, 1] and a NaN threshold', () => {
    assert.throws(() => evaluateScores({ scores: [0.5], labels: [2] }), RangeError);
    assert.throws(() => evaluateScores({ scores: [1.5], labels: [1] }), RangeError);
    assert.throws(() => evaluateScores({ scores: [0.5], labels: [1], threshold: NaN }), RangeError);
  });
});
