/**
 * PEFT's adapter_config.json for LoRA, in and out. Unknown fields are tolerated; a setting that would change the
 * numbers and that this package does not compute is refused.
 */
import { DeepcodeError } from '../errors.js';
import type { NativeAdapterOptions, NativeVitOptions } from '../native/detector.js';
import { Fields } from './json-fields.js';
import { matchesName, patternOf, patternValue } from './target-pattern.js';
import { vitLinearNames } from './vit-config.js';
import { vitModuleNames } from './vit-modules.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** A LoRA adapter, with PEFT's meaning of every field. */
export interface AdapterConfig {
  /** The base model as it was named in training, or null. */
  baseModel: string | null;
  /** At least 1. */
  rank: number;
  alpha: number;
  /** 0 to below 1; acts in training only. */
  dropout: number;
  /** Names, each a module or the end of its path; or a regular expression; "all-linear": all. */
  targetModules: readonly string[] | string;
  /** The same, for modules that are left out. */
  excludeModules: readonly string[] | string;
  /** Rank and alpha of modules whose name ends in a match of the key. */
  rankPattern: Readonly<Record<string, number>>;
  alphaPattern: Readonly<Record<string, number>>;
  /** Scale by alpha / sqrt(rank) (Kalajdzievski 2023) instead of alpha / rank. */
  rslora: boolean;
  /** Modules that are trained and saved whole, for example "head". */
  modulesToSave: readonly string[];
  /** Only these blocks; empty: all. */
  layersToTransform: readonly number[];
  /** The names before a block's number, where layersToTransform is used. */
  layersPattern: readonly string[];
}

/** Dropout of 1 would leave nothing of the input. */
const MAX_DROPOUT = 1 - Number.EPSILON;

/** Values with which a setting changes nothing; anything else is refused. null, false, [] and {} are always fine. */
const NEUTRAL: Readonly<Record<string, readonly unknown[]>> = {
  bias: ['none'],
  init_lora_weights: [true, 'gaussian', 'eva', 'orthogonal'],
  fan_in_fan_out: [],
  use_dora: [],
  lora_bias: [],
  layer_replication: [],
  target_parameters: [],
  trainable_token_indices: [],
  alora_invocation_tokens: [],
  use_qalora: [],
  use_bdlora: [],
  arrow_config: [],
  kasa_config: [],
  monteclora_config: [],
  velora_config: [],
};

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** PEFT's defaults, for what the file leaves out or holds as null. */
const DEFAULTS: JsonObject = {
  r: 8,
  lora_alpha: 8,
  lora_dropout: 0,
  target_modules: [],
  exclude_modules: [],
  use_rslora: false,
  modules_to_save: [],
  layers_to_transform: [],
  layers_pattern: [],
};

/** Fields that PEFT takes as one value or as a list of them. */
const LISTS = ['modules_to_save', 'layers_to_transform', 'layers_pattern'];

function complete(json: JsonObject): JsonObject {
  const given = Object.entries(json).filter(([, value]) => value !== null && value !== undefined);
  const listed = given.map(([name, value]) => [name, LISTS.includes(name) && !Array.isArray(value) ? [value] : value]);
  return { ...DEFAULTS, ...(Object.fromEntries(listed) as JsonObject) };
}

function checkSupported(fields: Fields, where: string): void {
  if (fields.raw('peft_type') !== 'LORA') throw fields.refuse('peft_type', '"LORA"');
  for (const [name, neutral] of Object.entries(NEUTRAL)) {
    const value = fields.raw(name);
    if (isEmpty(value) || neutral.includes(value)) continue;
    const shown = JSON.stringify(value).slice(0, 40);
    throw new DeepcodeError('ERR_CONFIG', `${where}: ${name} = ${shown} is not supported. Merge the adapter with PEFT first.`);
  }
}

const namesOrPattern = (fields: Fields, name: string): readonly string[] | string =>
  typeof fields.raw(name) === 'string' ? fields.text(name) : fields.textList(name);

const RANK = { min: 1, max: 65_536, integer: true } as const;

/**
 * Reads an adapter_config.json.
 *
 * @param json the parsed file
 * @param where its name, for messages
 * @throws DeepcodeError ERR_CONFIG for what is not a LoRA adapter that this package computes
 */
export function parseAdapterConfig(json: unknown, where: string): AdapterConfig {
  const fields = new Fields(complete(new Fields(json, where).rest()), where);
  checkSupported(fields, where);
  return {
    baseModel: fields.optionalText('base_model_name_or_path'),
    rank: fields.number('r', RANK),
    alpha: fields.number('lora_alpha'),
    dropout: fields.number('lora_dropout', { min: 0, max: MAX_DROPOUT }),
    targetModules: namesOrPattern(fields, 'target_modules'),
    excludeModules: namesOrPattern(fields, 'exclude_modules'),
    rankPattern: fields.numberRecord('rank_pattern', RANK),
    alphaPattern: fields.numberRecord('alpha_pattern', {}),
    rslora: fields.flag('use_rslora'),
    modulesToSave: fields.textList('modules_to_save'),
    layersToTransform: fields.numberList('layers_to_transform', { integer: true }),
    layersPattern: fields.textList('layers_pattern'),
  };
}

/** Whether `module` is one of the configured blocks; PEFT looks at the first numbered part of its path. */
function isInLayers(module: string, config: AdapterConfig, where: string): boolean {
  if (config.layersToTransform.length === 0) return true;
  const patterns =
    config.layersPattern.length === 0
      ? [/^.*?\.[^.]*\.(\d+)\./s]
      : config.layersPattern.map((name) => patternOf(name, where, (group) => `^(?:|.*?\\.)${group}\\.(\\d+)\\.`));
  const match = patterns.map((pattern) => pattern.exec(module)).find((found) => found !== null);
  return match !== undefined && match !== null && config.layersToTransform.includes(Number(match.at(-1)));
}

function matchesModules(module: string, wanted: readonly string[] | string, where: string): boolean {
  if (typeof wanted !== 'string') return matchesName(module, wanted);
  return patternOf(wanted, where, (group) => `^${group}$`).test(module);
}

function isTarget(module: string, config: AdapterConfig, where: string): boolean {
  const { targetModules, excludeModules, modulesToSave } = config;
  if (excludeModules.length > 0 && matchesModules(module, excludeModules, where)) return false;
  if (modulesToSave.some((saved) => `.${module}.`.includes(`.${saved}.`))) return false;
  if (targetModules === 'all-linear') return true;
  if (!matchesModules(module, targetModules, where)) return false;
  return typeof targetModules === 'string' || isInLayers(module, config, where);
}

/**
 * Applies an adapter's rules to a network: which of its layers carry one, with which rank and scale.
 *
 * @param where name of the configuration, for messages
 * @throws DeepcodeError ERR_CONFIG when no layer matches and no module is saved
 */
export function resolveAdapter(config: AdapterConfig, vit: NativeVitOptions, where: string): NativeAdapterOptions {
  const layers = vitLinearNames(vit)
    .filter((module) => isTarget(module, config, where))
    .map((name) => {
      const rank = patternValue(config.rankPattern, name, where) ?? config.rank;
      const alpha = patternValue(config.alphaPattern, name, where) ?? config.alpha;
      return { name, rank, scale: alpha / (config.rslora ? Math.sqrt(rank) : rank) };
    });
  const modulesToSave = vitModuleNames(vit).filter((module) => config.modulesToSave.some((name) => module.endsWith(name)));
  if (layers.length === 0 && modulesToSave.length === 0) {
    const wanted = JSON.stringify(config.targetModules).slice(0, 80);
    throw new DeepcodeError('ERR_CONFIG', `${where}: no linear layer matches ${wanted}. Names are qkv, proj, fc1, fc2 and head.`);
  }
  return { layers, dropout: config.dropout, modulesToSave };
}

/**
 * PEFT also adapts convolutions, so a name that fits the patch embedding is written out layer by layer; and so
 * is "all-linear", as PEFT itself does.
 */
function portableTargets(config: AdapterConfig, vit: NativeVitOptions, where: string): readonly string[] | string {
  const { targetModules } = config;
  if (targetModules !== 'all-linear' && !matchesModules('patch_embed.proj', targetModules, where)) return targetModules;
  return resolveAdapter(config, vit, where).layers.map((layer) => layer.name);
}

/** The adapter_config.json with which PEFT loads an adapter of this network. */
export function adapterConfigJson(config: AdapterConfig, vit: NativeVitOptions): Record<string, unknown> {
  const orNull = <T extends { length: number }>(list: T): T | null => (list.length === 0 ? null : list);
  return {
    peft_type: 'LORA',
    task_type: null,
    base_model_name_or_path: config.baseModel,
    inference_mode: true,
    r: config.rank,
    lora_alpha: config.alpha,
    lora_dropout: config.dropout,
    target_modules: portableTargets(config, vit, 'adapter_config.json'),
    exclude_modules: orNull(config.excludeModules),
    rank_pattern: config.rankPattern,
    alpha_pattern: config.alphaPattern,
    use_rslora: config.rslora,
    modules_to_save: orNull(config.modulesToSave),
    layers_to_transform: orNull(config.layersToTransform),
    layers_pattern: orNull(config.layersPattern),
    bias: 'none',
    fan_in_fan_out: false,
    init_lora_weights: true,
    use_dora: false,
  };
}
