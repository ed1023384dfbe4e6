import assert from 'node:assert/strict';
import { calibrate, unsureBand } from '../../../ts/detect/train/calibration.js';

/** Logits [0, z] for each z. */
const logits = (...fake: number[]): number[] => fake.flatMap((z) => [0, z]);

describe('calibrate', () => {
  const options = { thresholdBy: 'youden', unsureOdds: 1.5 } as const;

  it('cools an overconfident detector and finds a threshold between the classes', () => {
    const scores = logits(-9, -8, 7, -7, 9, 8, -6, 6.5);
    const labels = [0, 0, 0, 0, 1, 1, 1, 1];
    const { temperature, threshold, unsure } = calibrate(scores, labels, options);
    assert.ok(temperature > 2, `temperature ${temperature}`);
    assert.ok(unsure.from < threshold && threshold < unsure.to);
  });

  it('takes 0.5 for half', () => {
    const { threshold, unsure } = calibrate(logits(-1, 2, 1, -2), [0, 1, 1, 0], {
      thresholdBy: 'half',
      unsureOdds: 1.5,
    });
    assert.equal(threshold, 0.5);
    assert.ok(Math.abs(unsure.from - 0.4) < 1e-12 && Math.abs(unsure.to - 0.6) < 1e-12);
  });

  it('keeps the threshold a probability when calling nothing fake is best', () => {
    const { threshold } = calibrate(logits(40, -40), [0, 1], { thresholdBy: 'accuracy', unsureOdds: 1 });
    assert.ok(threshold >= 0 && threshold <= 1);
  });
});

describe('unsureBand', () => {
  it('is empty for a factor of 1 and for a threshold at the ends', () => {
    assert.deepEqual(unsureBand(0.5, 1), { from: 0.5, to: 0.5 });
    assert.deepEqual(unsureBand(1, 3), { from: 1, to: 1 });
  });

  it('is wider in probability around 0.5 than near 0', () => {
    const width = (threshold: number): number => unsureBand(threshold, 2).to - unsureBand(threshold, 2).from;
    assert.ok(width(0.5) > width(0.05));
  });
});
