import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as metrics from '../../../ts/metrics/index.js';

interface Curve {
  [name: string]: (number | 'Infinity')[];
}

interface ReferenceCase {
  name: string;
  labels: number[];
  scores: number[];
  logits?: number[];
  auc: number | null;
  averagePrecision: number;
  eer: number | null;
  youden?: number;
  logLoss: number;
  brier: number;
  ece: { confidence: number; positive: number };
  roc: Curve | null;
  rocFull: Curve | null;
  pr: Curve;
  temperature?: { temperature: number; lossBefore: number; lossAfter: number };
  atThreshold: {
    threshold: number;
    confusion: [tn: number, fp: number, fn: number, tp: number];
    accuracy: number;
    balancedAccuracy: number | null;
    precision: number | null;
    f1: number | null;
  }[];
}

const TOLERANCE = 1e-9;
const { cases } = JSON.parse(readFileSync(join(__dirname, 'fixtures.json'), 'utf8')) as {
  cases: ReferenceCase[];
};

function assertClose(actual: number | null, expected: number | null, what: string): void {
  if (expected === null || actual === null) return assert.equal(actual, expected, what);
  assert.ok(Math.abs(actual - expected) <= TOLERANCE, `${what}: ${actual} is not ${expected}`);
}

function assertCurve(actual: object | null, expected: Curve | null, what: string): void {
  if (expected === null) return assert.equal(actual, null, what);
  const curve = actual as Record<string, Float64Array>;
  for (const [name, values] of Object.entries(expected)) {
    assert.equal(curve[name]!.length, values.length, `${what}.${name}.length`);
    values.forEach((value, i) => {
      const got = curve[name]![i]!;
      if (value === 'Infinity') assert.equal(got, Infinity, `${what}.${name}[${i}]`);
      else assertClose(got, value, `${what}.${name}[${i}]`);
    });
  }
}

function checkThresholds(reference: ReferenceCase): void {
  for (const expected of reference.atThreshold) {
    const matrix = metrics.confusionMatrix(reference, expected.threshold);
    const { trueNegatives, falsePositives, falseNegatives, truePositives } = matrix;
    assert.deepEqual(
      [trueNegatives, falsePositives, falseNegatives, truePositives],
      expected.confusion,
    );
    const rates = metrics.confusionRates(matrix);
    for (const name of ['accuracy', 'balancedAccuracy', 'precision', 'f1'] as const) {
      assertClose(rates[name], expected[name], `${name} at ${expected.threshold}`);
    }
  }
}

describe('metrics agree with scikit-learn to 1e-9', () => {
  assert.ok(cases.length >= 15);
  for (const reference of cases) {
    describe(reference.name, () => {
      it('AUC, average precision, log loss, Brier score', () => {
        assertClose(metrics.rocAuc(reference), reference.auc, 'auc');
        assertClose(
          metrics.averagePrecision(reference),
          reference.averagePrecision,
          'averagePrecision',
        );
        assertClose(metrics.logLoss(reference), reference.logLoss, 'logLoss');
        assertClose(metrics.brierScore(reference), reference.brier, 'brier');
      });

      it('ROC curve with and without collinear points, precision-recall curve', () => {
        assertCurve(metrics.rocCurve(reference), reference.roc, 'roc');
        assertCurve(
          metrics.rocCurve(reference, { dropIntermediate: false }),
          reference.rocFull,
          'rocFull',
        );
        assertCurve(metrics.precisionRecallCurve(reference), reference.pr, 'pr');
      });

      it('equal error rate, as brentq finds it', () => {
        assertClose(metrics.equalErrorRate(reference)?.rate ?? null, reference.eer, 'eer');
      });

      it('confusion matrix and rates at thresholds', () => checkThresholds(reference));

      it('expected calibration error, both variants', () => {
        for (const variant of ['confidence', 'positive'] as const) {
          assertClose(
            metrics.expectedCalibrationError(reference, { variant }),
            reference.ece[variant],
            variant,
          );
        }
      });

      it('the whole report holds the same values and no NaN', () => {
        const report = metrics.evaluateScores(reference);
        assertClose(report.auc, reference.auc, 'auc');
        assertClose(report.eer, reference.eer, 'eer');
        assertClose(report.loss, reference.logLoss, 'loss');
        assertClose(report.ece, reference.ece.confidence, 'ece');
        assert.doesNotMatch(
          JSON.stringify(report, (_, v: unknown) => (Number.isNaN(v) ? 'NaN' : v)),
          /NaN/,
        );
      });
    });
  }

  it('Youden threshold reaches the best TPR - FPR of the curve', () => {
    for (const reference of cases.filter((c) => c.youden !== undefined)) {
      const threshold = metrics.selectThreshold(reference, 'youden');
      const { tpr, fpr } = metrics.confusionRates(metrics.confusionMatrix(reference, threshold));
      assertClose(tpr! - fpr!, reference.youden!, reference.name);
    }
  });

  it('temperature and its likelihood, as the root of the derivative', () => {
    const fitted = cases.filter((c) => c.temperature);
    assert.equal(fitted.length, 2);
    for (const reference of fitted) {
      const fit = metrics.fitTemperature(reference.logits!, reference.labels);
      for (const name of ['temperature', 'lossBefore', 'lossAfter'] as const) {
        assertClose(fit[name], reference.temperature![name], `${reference.name}: ${name}`);
      }
      assertClose(
        metrics.crossEntropy(reference.logits!, reference.labels),
        fit.lossBefore,
        'crossEntropy',
      );
    }
  });
});
