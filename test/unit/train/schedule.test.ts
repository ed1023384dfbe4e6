import assert from 'node:assert/strict';
import { learningRateAt, type ScheduleOptions } from '../../../ts/detect/train/schedule.js';

const COSINE: ScheduleOptions = {
  schedule: 'cosine',
  learningRate: 0.1,
  minLearningRate: 0.01,
  warmupSteps: 0,
  totalSteps: 10,
  stepSize: 4,
  stepGamma: 0.5,
};

describe('learningRateAt', () => {
  it('follows equation 5 of SGDR, as CosineAnnealingLR(T_max=10, eta_min=0.01) does', () => {
    // torch.optim.lr_scheduler, rates of steps 1 to 10.
    const expected = [
      0.1, 0.0977975, 0.0914058, 0.0814503, 0.0689058, 0.055, 0.0410942, 0.0285497, 0.0185942, 0.0122025,
    ];
    expected.forEach((rate, i) =>
      assert.ok(Math.abs(learningRateAt(i + 1, COSINE) - rate) < 1e-6, `step ${i + 1}`),
    );
  });

  it('rises linearly to the full rate, which the next step has too', () => {
    const rates = [1, 2, 3, 4, 5].map((step) => learningRateAt(step, { ...COSINE, warmupSteps: 4 }));
    assert.deepEqual(
      rates.map((rate) => rate.toFixed(3)),
      ['0.025', '0.050', '0.075', '0.100', '0.100'],
    );
  });

  it('falls as StepLR(step_size=4, gamma=0.5) does', () => {
    const rates = [1, 4, 5, 8, 9].map((step) => learningRateAt(step, { ...COSINE, schedule: 'step' }));
    assert.deepEqual(rates, [0.1, 0.1, 0.05, 0.05, 0.025]);
  });

  it('stays where it is when constant', () => {
    assert.equal(learningRateAt(9, { ...COSINE, schedule: 'constant' }), 0.1);
  });

  it('is finite for a run that is warm-up only', () => {
    assert.equal(learningRateAt(10, { ...COSINE, warmupSteps: 10 }), 0.1);
  });
});
