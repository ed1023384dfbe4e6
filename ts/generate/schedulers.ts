/**
 * Samplers by name, and diffusers' scheduler_config.json: any of the classes, read as it is or, as from_config does,
 * for another class that keeps what it knows of the fields. Unknown fields are tolerated; a field that would change
 * the numbers and that this package does not compute is refused.
 */
import { readFile } from 'node:fs/promises';
import { DeepcodeError, invalidArgument } from '../errors.js';
import { Fields } from '../detect/json-fields.js';
import type { NativeSchedulerConfig } from '../native-scheduler.js';
import { FIXED_FIELDS, SCHEDULER_CLASSES, WITHOUT_FIELD, type SchedulerClass } from './scheduler-classes.js';

export const SCHEDULER_NAMES = [
  'pndm', 'ddim', 'euler', 'euler-ancestral', 'dpm++2m', 'dpm++2m-karras', 'heun', 'lms', 'unipc', 'lcm',
] as const; // prettier-ignore
export type SchedulerName = (typeof SCHEDULER_NAMES)[number];

export const TIMESTEP_SPACINGS = ['leading', 'linspace', 'trailing'] as const;
export type TimestepSpacing = (typeof TIMESTEP_SPACINGS)[number];

/** What a caller wants other than what the config says. */
export interface SchedulerChoice {
  /** Another sampler with the config's noise schedule. dpm++2m and dpm++2m-karras also choose the spacing of sigmas. */
  name?: SchedulerName | undefined;
  spacing?: TimestepSpacing | undefined;
  /** DDIM's noise, 0 to 1. Default: 0. */
  eta?: number | undefined;
  /**
   * As diffusers' Stable Diffusion pipelines take a scheduler: steps_offset is 1 and clip_sample false, whatever an
   * old config says. Default: false.
   */
  inPipeline?: boolean | undefined;
}

const MAX_TRAIN_TIMESTEPS = 100_000;
const BETA = { min: 1e-9, max: 0.9999 };
const POSITIVE = { min: 1e-6, max: 1e6 };

const CLASS_NAMES = Object.keys(SCHEDULER_CLASSES) as SchedulerClass[];
const PREDICTION_TYPES = ['epsilon', 'v_prediction', 'sample', 'original_sample'] as const;
/** UniPC and DPM++ each take the other's solver types, and DEIS', for their own default. */
const DPM_SOLVERS = ['midpoint', 'heun'] as const;
const UNIPC_SOLVERS = ['bh1', 'bh2'] as const;
const ALGORITHMS = ['dpmsolver++', 'sde-dpmsolver++', 'deis'] as const;

function classOf(config: Fields): SchedulerClass {
  const name = config.raw('_class_name');
  const found = CLASS_NAMES.find((known) => known === name);
  if (found === undefined) throw config.refuse('_class_name', `one of ${CLASS_NAMES.join(', ')}`);
  return found;
}

function classNamed(name: SchedulerName): SchedulerClass {
  const base = name === 'dpm++2m-karras' ? 'dpm++2m' : name;
  return CLASS_NAMES.find((known) => SCHEDULER_CLASSES[known].name === base)!;
}

/** The class' defaults under what the config says of its fields; null means the default. */
function mergeFields(config: Fields, className: SchedulerClass): Record<string, unknown> {
  const { defaults } = SCHEDULER_CLASSES[className];
  const merged: Record<string, unknown> = { ...WITHOUT_FIELD, ...defaults };
  for (const field of Object.keys(defaults)) {
    const value = config.raw(field) ?? null;
    if (value !== null) merged[field] = value;
  }
  return merged;
}

function applyChoice(merged: Record<string, unknown>, { name, spacing, inPipeline }: SchedulerChoice): void {
  if (name === 'dpm++2m' || name === 'dpm++2m-karras') merged['use_karras_sigmas'] = name === 'dpm++2m-karras';
  if (name === 'dpm++2m-karras') merged['use_exponential_sigmas'] = false;
  if (spacing !== undefined) merged['timestep_spacing'] = spacing;
  if (!inPipeline) return;
  merged['steps_offset'] = 1;
  merged['clip_sample'] = false;
}

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

/** @throws TypeError */
export function checkSchedulerChoice(choice: SchedulerChoice): void {
  if (typeof choice !== 'object' || choice === null) throw invalidArgument('choice', 'an object', choice);
  const { name, spacing, eta = 0 } = choice;
  if (name !== undefined && !SCHEDULER_NAMES.includes(name)) {
    throw invalidArgument('scheduler', `one of ${SCHEDULER_NAMES.join(', ')}`, name);
  }
  if (spacing !== undefined && !TIMESTEP_SPACINGS.includes(spacing)) {
    throw invalidArgument('spacing', `one of ${TIMESTEP_SPACINGS.join(', ')}`, spacing);
  }
  if (typeof eta !== 'number' || !(eta >= 0 && eta <= 1)) throw invalidArgument('eta', 'a number from 0 to 1', eta);
}

/**
 * Reads a scheduler_config.json.
 *
 * @param config the parsed JSON
 * @param where the file's name, for messages
 * @throws DeepcodeError ERR_CONFIG for an unknown class, unless another is chosen, and for a value that the class or
 *   this package does not compute with; TypeError for a wrong choice
 */
export function parseSchedulerConfig(config: unknown, where: string, choice: SchedulerChoice = {}): NativeSchedulerConfig {
  checkSchedulerChoice(choice);
  const source = new Fields(config, where);
  const className = choice.name === undefined ? classOf(source) : classNamed(choice.name);
  const merged = mergeFields(source, className);
  applyChoice(merged, choice);
  const fields = new Fields(merged, where);
  checkFixed(fields);
  const training = trainingOf(fields);
  return {
    name: SCHEDULER_CLASSES[className].name,
    ...training,
    ...stepsOf(fields, training.numTrainTimesteps),
    ...clippingOf(fields),
    ...solverOf(fields, className),
    eta: choice.eta ?? 0,
  };
}

/** The name of a config's own sampler. @throws DeepcodeError ERR_CONFIG */
export function schedulerNameOf(config: unknown, where: string): SchedulerName {
  const { name, sigmaSpacing } = parseSchedulerConfig(config, where);
  return name === 'dpm++2m' && sigmaSpacing === 'karras' ? 'dpm++2m-karras' : name;
}

/** JSON as Python writes it: diffusers saves lambda_min_clipped as -Infinity, which JSON itself does not have. */
function parsePythonJson(text: string): unknown {
  return JSON.parse(text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b/g, (token) => token.replace(/^(-?)Infinity$/, '$11e999')));
}

/** @throws DeepcodeError ERR_CONFIG for what is not JSON, ERR_IO for what cannot be read */
export async function readSchedulerJson(path: string, where: string): Promise<unknown> {
  try {
    return parsePythonJson(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw new DeepcodeError('ERR_CONFIG', `${where} is not valid JSON.`, { cause: error });
    throw new DeepcodeError('ERR_IO', `${where} cannot be read: ${(error as NodeJS.ErrnoException).code}.`, { cause: error });
  }
}
