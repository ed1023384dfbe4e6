// Learning rate over a run. Cosine annealing: Loshchilov & Hutter 2017 ("SGDR"), equation 5, without
// restarts; linear warm-up: Goyal et al. 2017, section 2.2.

export interface ScheduleOptions {
  schedule: 'constant' | 'cosine' | 'step';
  /** The rate after warm-up. */
  learningRate: number;
  /** Where cosine ends. */
  minLearningRate: number;
  /** Steps of warm-up, 0 for none. */
  warmupSteps: number;
  /** Steps of the whole run, warm-up included. */
  totalSteps: number;
  /** Steps between two falls of `step`. */
  stepSize: number;
  /** Factor of each. */
  stepGamma: number;
}

/**
 * The learning rate of a step.
 *
 * @param step 1 for the first. The first step of a warm-up over W steps has rate / W, step W the rate
 *   itself. The first step after warm-up has the full rate too, as with torch's CosineAnnealingLR.
 */
export function learningRateAt(step: number, options: ScheduleOptions): number {
  const { schedule, learningRate, minLearningRate, warmupSteps, totalSteps, stepSize, stepGamma } = options;
  if (step <= warmupSteps) return (learningRate * step) / warmupSteps;
  if (schedule === 'constant') return learningRate;
  // torch's StepLR, counted in steps.
  if (schedule === 'step') return learningRate * stepGamma ** Math.floor((step - 1 - warmupSteps) / stepSize);
  const done = Math.min(1, (step - 1 - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
  return minLearningRate + ((learningRate - minLearningRate) * (1 + Math.cos(Math.PI * done))) / 2;
}
