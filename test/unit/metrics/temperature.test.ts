import assert from 'node:assert/strict';
import {
  crossEntropy,
  fakeProbabilities,
  fitTemperature,
  TEMPERATURE_RANGE,
} from '../../../ts/metrics/index.js';

describe('fitTemperature()', () => {
  const logits = [2, -1, 0.5, 0.2, -1, 1.5, 0.3, -0.2, 1, 1.5, -2, 2];
  const labels = [0, 0, 1, 1, 0, 1];

  it('no other temperature is more likely', () => {
    const { temperature, lossAfter } = fitTemperature(logits, labels);
    for (const factor of [0.5, 0.99, 1.01, 2]) {
      const scaled = logits.map((z) => z / (temperature * factor));
      assert.ok(crossEntropy(scaled, labels) > lossAfter);
    }
  });

  it('scaling the logits scales the temperature', () => {
    const base = fitTemperature(logits, labels).temperature;
    const scaled = fitTemperature(
      logits.map((z) => z * 3),
      labels,
    ).temperature;
    assert.ok(Math.abs(scaled / base - 3) < 1e-12);
  });

  it('stays in its range for separated and for inverted samples, and says so', () => {
    const separated = fitTemperature([1, -1, -1, 1], [0, 1]);
    assert.deepEqual([separated.temperature, separated.clamped], [TEMPERATURE_RANGE.min, true]);
    const inverted = fitTemperature([1, -1, -1, 1], [1, 0]);
    assert.deepEqual([inverted.temperature, inverted.clamped], [TEMPERATURE_RANGE.max, true]);
    assert.equal(fitTemperature(logits, labels).clamped, false);
  });

  it('survives equal and huge logits', () => {
    assert.ok(Number.isFinite(fitTemperature([0, 0, 0, 0], [0, 1]).temperature));
    const huge = fitTemperature([-1e6, 1e6, 1e6, -1e6, -1e6, 1e6], [1, 0, 0]);
    assert.ok(Number.isFinite(huge.lossBefore) && Number.isFinite(huge.lossAfter));
  });

  it('refuses NaN, no samples and a bad label', () => {
    assert.throws(() => fitTemperature([NaN, 0], [1]), { code: 'ERR_NONFINITE' });
    assert.throws(() => fitTemperature([], []), { code: 'ERR_SHAPE' });
    assert.throws(() => fitTemperature([1, 2, 3], [1]), { code: 'ERR_SHAPE' });
    assert.throws(() => fitTemperature([1, 2], [3]), RangeError);
  });
});

describe('fakeProbabilities()', () => {
  it('is the softmax of the fake class at a temperature', () => {
    const [p] = fakeProbabilities([1, 3], 2);
    assert.ok(Math.abs(p! - 1 / (1 + Math.exp(-1))) < 1e-15);
  });

  it('does not overflow', () => {
    assert.deepEqual([...fakeProbabilities([0, 5000, 5000, 0])], [1, 0]);
  });

  it('refuses a temperature that is not above 0, and half a pair', () => {
    for (const t of [0, -1, NaN]) assert.throws(() => fakeProbabilities([0, 1], t), RangeError);
    assert.throws(() => fakeProbabilities([0, 1, 2]), { code: 'ERR_SHAPE' });
  });
});
