/** The addon's samplers. As in bindings.ts every field is required: defaults live in TypeScript. */
import type { Disposable } from './bindings.js';

/** diffusers' scheduler_config.json of one class; a class reads the fields that it knows. */
export interface NativeSchedulerConfig {
  /** One of native/schedulers/scheduler_table.cc. */
  name: string;
  numTrainTimesteps: number;
  betaStart: number;
  betaEnd: number;
  betaSchedule: 'linear' | 'scaled_linear' | 'squaredcos_cap_v2';
  /** One a training timestep; empty: from the three above. */
  trainedBetas: readonly number[];
  rescaleBetasZeroSnr: boolean;
  predictionType: 'epsilon' | 'v_prediction' | 'sample';
  timestepSpacing: 'leading' | 'linspace' | 'trailing';
  stepsOffset: number;
  sigmaSpacing: 'timesteps' | 'karras' | 'exponential';
  /** Bounds of Karras and exponential spacing; null: from the steps. */
  sigmaMin: number | null;
  sigmaMax: number | null;
  finalSigmasType: 'zero' | 'sigma_min';
  logLinearSigmas: boolean;
  setAlphaToOne: boolean;
  /** At most numTrainTimesteps. */
  originalInferenceSteps: number;
  timestepScaling: number;
  clipSample: boolean;
  clipSampleRange: number;
  thresholding: boolean;
  dynamicThresholdingRatio: number;
  sampleMaxValue: number;
  /** DDIM: 0 to 1. */
  eta: number;
  skipPrkSteps: boolean;
  /** 1 to 3. */
  solverOrder: number;
  /** midpoint and heun are of dpm++2m, bh1 and bh2 of unipc. */
  solverType: 'midpoint' | 'heun' | 'bh1' | 'bh2';
  /** algorithm_type of dpm++2m: sde-dpmsolver++ in place of dpmsolver++. */
  stochastic: boolean;
  lowerOrderFinal: boolean;
  eulerAtFinal: boolean;
  predictX0: boolean;
  disableCorrector: readonly number[];
  /** -Infinity: none. */
  lambdaMinClipped: number;
}

export interface NativeSchedulerPlan {
  timesteps: number[];
  initNoiseSigma: number;
}

/** Arrays hold `count` samples, one after the other; `index` is a position in the timesteps. Calls run in order. */
export interface NativeScheduler extends Disposable {
  setTimesteps(steps: number): Promise<NativeSchedulerPlan>;
  scaleInput(sample: Float32Array, count: number, index: number): Promise<Float32Array>;
  /** Rejects with ERR_CONFIG where noise is needed and null. */
  step(
    modelOutput: Float32Array,
    sample: Float32Array,
    noise: Float32Array | null,
    count: number,
    index: number,
  ): Promise<Float32Array>;
  addNoise(original: Float32Array, noise: Float32Array, count: number, index: number): Promise<Float32Array>;
  firstIndex(steps: number, strength: number): number;
}

export interface SchedulerBindings {
  makeScheduler(config: NativeSchedulerConfig): Promise<NativeScheduler>;
}
