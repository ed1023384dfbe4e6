/**
 * Samplers by name, and diffusers' scheduler_config.json: any of the classes, read as it is or, as from_config does,
 * for another class that keeps what it knows of the fields. Unknown fields are tolerated; a field that would change
 * the numbers and that this package does not compute is refused.
 */
import { readFile } from 'node:fs/promises';
import { DeepcodeError, invalidArgument } from '../errors.js';
import { Fields } from '../detect/json-fields.js';
import type { NativeSchedulerConfig } from '../native/scheduler.js';
import { SCHEDULER_CLASSES, WITHOUT_FIELD, type SchedulerClass } from './scheduler-classes.js';
import { readSchedulerFields, TIMESTEP_SPACINGS, type TimestepSpacing } from './scheduler-fields.js';

export { TIMESTEP_SPACINGS, type TimestepSpacing };

/** DPM++ with Karras' sigmas has a name of its own. */
const KARRAS = 'dpm++2m-karras';

export type SchedulerName = (typeof SCHEDULER_CLASSES)[SchedulerClass]['name'] | typeof KARRAS;

export const SCHEDULER_NAMES: readonly SchedulerName[] = Object.values(SCHEDULER_CLASSES).flatMap(({ name }) =>
  name === 'dpm++2m' ? [name, KARRAS] : [name],
);

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

const CLASS_NAMES = Object.keys(SCHEDULER_CLASSES) as SchedulerClass[];

function classOf(config: Fields): SchedulerClass {
  const name = config.raw('_class_name');
  const found = CLASS_NAMES.find((known) => known === name);
  if (found === undefined) throw config.refuse('_class_name', `one of ${CLASS_NAMES.join(', ')}`);
  return found;
}

function classNamed(name: SchedulerName): SchedulerClass {
  const base = name === KARRAS ? 'dpm++2m' : name;
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
  if (name === 'dpm++2m' || name === KARRAS) merged['use_karras_sigmas'] = name === KARRAS;
  if (name === KARRAS) merged['use_exponential_sigmas'] = false;
  if (spacing !== undefined) merged['timestep_spacing'] = spacing;
  if (!inPipeline) return;
  merged['steps_offset'] = 1;
  merged['clip_sample'] = false;
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
  const fields = readSchedulerFields(new Fields(merged, where), className);
  return { ...fields, name: SCHEDULER_CLASSES[className].name, eta: choice.eta ?? 0 };
}

/** The name of a config's own sampler. @throws DeepcodeError ERR_CONFIG */
export function schedulerNameOf(config: unknown, where: string): SchedulerName {
  const { name } = SCHEDULER_CLASSES[classOf(new Fields(config, where))];
  const { sigmaSpacing } = parseSchedulerConfig(config, where);
  return name === 'dpm++2m' && sigmaSpacing === 'karras' ? KARRAS : name;
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
