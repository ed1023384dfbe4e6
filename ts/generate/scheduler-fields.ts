/** The fields of a scheduler_config.json with a class' defaults filled in: each checked, and named as the addon has it. */
import type { Fields } from '../detect/json-fields.js';
import type { NativeSchedulerConfig } from '../native/scheduler.js';
import { FIXED_FIELDS, type SchedulerClass } from './scheduler-classes.js';

export const TIMESTEP_SPACINGS = ['leading', 'linspace', 'trailing'] as const;
export type TimestepSpacing = (typeof TIMESTEP_SPACINGS)[number];

const MAX_TRAIN_TIMESTEPS = 100_000;
const BETA = { min: 1e-9, max: 0.9999 };
const POSITIVE = { min: 1e-6, max: 1e6 };

const PREDICTION_TYPES = ['epsilon', 'v_prediction', 'sample', 'original_sample'] as const;
/** UniPC and DPM++ each take the other's solver types, and DEIS', for their own default. */
const DPM_SOLVERS = ['midpoint', 'heun'] as const;
const UNIPC_SOLVERS = ['bh1', 'bh2'] as const;
const ALGORITHMS = ['dpmsolver++', 'sde-dpmsolver++', 'deis'] as const;

function checkFixed(fields: Fields): void {
  for (const [name, supported] of Object.entries(FIXED_FIELDS)) {
    if (!supported.includes(fields.raw(name))) throw fields.refuse(name, `${supported[0] ?? 'nothing'}`);
  }
  const continuous = fields.choice('timestep_type', ['discrete', 'continuous']) === 'continuous';
  if (continuous && fields.raw('prediction_type') === 'v_prediction') throw fields.refuse('timestep_type', 'discrete');
}

function trainedBetas(fields: Fields, count: number): readonly number[] {
  if (fields.raw('trained_betas') === null) return [];
  const betas = fields.numberList('trained_betas', { min: 0, max: 1 });
  if (betas.length === count && !betas.includes(0)) return betas;
  throw fields.refuse('trained_betas', `${count} numbers above 0 and at most 1`);
}

function trainingOf(fields: Fields) {
  const numTrainTimesteps = fields.number('num_train_timesteps', { min: 1, max: MAX_TRAIN_TIMESTEPS, integer: true });
  const predicted = fields.choice('prediction_type', PREDICTION_TYPES);
  return {
    numTrainTimesteps,
    betaStart: fields.number('beta_start', BETA),
    betaEnd: fields.number('beta_end', BETA),
    betaSchedule: fields.choice('beta_schedule', ['linear', 'scaled_linear', 'squaredcos_cap_v2']),
    trainedBetas: trainedBetas(fields, numTrainTimesteps),
    rescaleBetasZeroSnr: fields.flag('rescale_betas_zero_snr'),
    predictionType: predicted === 'original_sample' ? ('sample' as const) : predicted,
  };
}

function sigmaSpacing(fields: Fields): NativeSchedulerConfig['sigmaSpacing'] {
  const karras = fields.flag('use_karras_sigmas');
  const exponential = fields.flag('use_exponential_sigmas');
  if (karras && exponential) throw fields.refuse('use_exponential_sigmas', 'false beside use_karras_sigmas');
  if (karras) return 'karras';
  return exponential ? 'exponential' : 'timesteps';
}

function sigmaBounds(fields: Fields) {
  const bound = (name: string): number | null => (fields.raw(name) === null ? null : fields.number(name, POSITIVE));
  const [sigmaMin, sigmaMax] = [bound('sigma_min'), bound('sigma_max')];
  if (sigmaMin !== null && sigmaMax !== null && sigmaMin >= sigmaMax) throw fields.refuse('sigma_min', `a number below sigma_max ${sigmaMax}`);
  return { sigmaMin, sigmaMax };
}

function stepsOf(fields: Fields, numTrainTimesteps: number) {
  const lambda = fields.raw('lambda_min_clipped');
  return {
    timestepSpacing: fields.choice('timestep_spacing', TIMESTEP_SPACINGS),
    stepsOffset: fields.number('steps_offset', { min: 0, max: numTrainTimesteps, integer: true }),
    sigmaSpacing: sigmaSpacing(fields),
    ...sigmaBounds(fields),
    finalSigmasType: fields.choice('final_sigmas_type', ['zero', 'sigma_min']),
    logLinearSigmas: fields.choice('interpolation_type', ['linear', 'log_linear']) === 'log_linear',
    setAlphaToOne: fields.flag('set_alpha_to_one'),
    originalInferenceSteps: fields.number('original_inference_steps', { min: 1, max: numTrainTimesteps, integer: true }),
    timestepScaling: fields.number('timestep_scaling', POSITIVE),
    lambdaMinClipped: lambda === -Infinity ? lambda : fields.number('lambda_min_clipped', { min: -100, max: 100 }),
  };
}

function clippingOf(fields: Fields) {
  return {
    clipSample: fields.flag('clip_sample'),
    clipSampleRange: fields.number('clip_sample_range', POSITIVE),
    thresholding: fields.flag('thresholding'),
    dynamicThresholdingRatio: fields.number('dynamic_thresholding_ratio', { min: 0, max: 1 }),
    sampleMaxValue: fields.number('sample_max_value', POSITIVE),
  };
}

function solverType(fields: Fields, className: SchedulerClass): NativeSchedulerConfig['solverType'] {
  const value = fields.choice('solver_type', [...DPM_SOLVERS, ...UNIPC_SOLVERS, 'logrho']);
  const own: readonly string[] = className === 'UniPCMultistepScheduler' ? UNIPC_SOLVERS : DPM_SOLVERS;
  if (own.includes(value)) return value as NativeSchedulerConfig['solverType'];
  return className === 'UniPCMultistepScheduler' ? 'bh2' : 'midpoint';
}

function solverOf(fields: Fields, className: SchedulerClass) {
  const stochastic = fields.choice('algorithm_type', ALGORITHMS) === 'sde-dpmsolver++';
  return {
    skipPrkSteps: fields.flag('skip_prk_steps'),
    solverOrder: fields.number('solver_order', { min: 1, max: stochastic ? 2 : 3, integer: true }),
    solverType: solverType(fields, className),
    stochastic,
    lowerOrderFinal: fields.flag('lower_order_final'),
    eulerAtFinal: fields.flag('euler_at_final'),
    predictX0: fields.flag('predict_x0'),
    disableCorrector: fields.numberList('disable_corrector', { min: 0, max: MAX_TRAIN_TIMESTEPS, integer: true }),
  };
}

/**
 * Everything but the name and eta.
 *
 * @throws DeepcodeError ERR_CONFIG naming the field
 */
export function readSchedulerFields(fields: Fields, className: SchedulerClass): Omit<NativeSchedulerConfig, 'name' | 'eta'> {
  checkFixed(fields);
  const training = trainingOf(fields);
  return {
    ...training,
    ...stepsOf(fields, training.numTrainTimesteps),
    ...clippingOf(fields),
    ...solverOf(fields, className),
  };
}
