/**
 * PEFT's adapter_config.json for LoRA, in and out. Unknown fields are tolerated; a setting that would change the
 * numbers and that this package does not compute is refused.
 */
import { DeepcodeError } from '../errors.js';
import type { NativeAdapterOptions, NativeVitOptions } from '../native-detector.js';
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

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Typed reading of the file's fields. */
class Reader {
  constructor(
    private readonly object: JsonObject,
    readonly where: string,
  ) {}

  get(name: string): unknown {
    return Object.hasOwn(this.object, name) ? this.object[name] : undefined;
  }

  number(name: string, fallback: number, fits: (value: number) => boolean, expected: string): number {
    const value = this.get(name) ?? fallback;
    if (typeof value === 'number' && Number.isFinite(value) && fits(value)) return value;
    throw this.refuse(name, expected);
  }

  names(name: string): readonly string[] {
    const value = this.get(name) ?? [];
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (list.every((item) => typeof item === 'string')) return list;
    throw this.refuse(name, 'a list of names');
  }

  namesOrPattern(name: string): readonly string[] | string {
    const value = this.get(name);
    return typeof value === 'string' ? value : this.names(name);
  }

  numbers(name: string): Readonly<Record<string, number>> {
    const value = this.get(name) ?? {};
    const fits = (item: unknown): item is number => typeof item === 'number' && Number.isFinite(item) && item >= 0;
    if (isObject(value) && Object.values(value).every(fits)) return value as Record<string, number>;
    throw this.refuse(name, 'an object of numbers');
  }

  integers(name: string): readonly number[] {
    const value = this.get(name) ?? [];
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (list.every((item) => Number.isSafeInteger(item))) return list as readonly number[];
    throw this.refuse(name, 'an integer or a list of integers');
  }

  refuse(name: string, expected: string): DeepcodeError {
    const shown = JSON.stringify(this.get(name))?.slice(0, 60) ?? 'nothing';
    return new DeepcodeError('ERR_CONFIG', `${this.where}: expected ${expected} for ${name} but found ${shown}.`);
  }
}

function checkSupported(reader: Reader): void {
  if (reader.get('peft_type') !== 'LORA') throw reader.refuse('peft_type', '"LORA"');
  for (const [name, neutral] of Object.entries(NEUTRAL)) {
    const value = reader.get(name);
    if (isEmpty(value) || neutral.includes(value)) continue;
    const shown = JSON.stringify(value)!.slice(0, 40);
    throw new DeepcodeError('ERR_CONFIG', `${reader.where}: ${name} = ${shown} is not supported. Merge the adapter with PEFT first.`);
  }
}

/**
 * Reads an adapter_config.json.
 *
 * @param json the parsed file
 * @param where its name, for messages
 * @throws DeepcodeError ERR_CONFIG for what is not a LoRA adapter that this package computes
 */
export function parseAdapterConfig(json: unknown, where: string): AdapterConfig {
  if (!isObject(json)) throw new DeepcodeError('ERR_CONFIG', `${where}: expected an object.`);
  const reader = new Reader(json, where);
  checkSupported(reader);
  const baseModel = reader.get('base_model_name_or_path');
  const isRank = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;
  const rankPattern = reader.numbers('rank_pattern');
  if (!Object.values(rankPattern).every(isRank)) throw reader.refuse('rank_pattern', 'integers of at least 1');
  return {
    baseModel: typeof baseModel === 'string' ? baseModel : null,
    rank: reader.number('r', 8, isRank, 'an integer of at least 1'),
    alpha: reader.number('lora_alpha', 8, () => true, 'a number'),
    dropout: reader.number('lora_dropout', 0, (p) => p >= 0 && p < 1, 'a number from 0 to below 1'),
    targetModules: reader.namesOrPattern('target_modules'),
    excludeModules: reader.namesOrPattern('exclude_modules'),
    rankPattern,
    alphaPattern: reader.numbers('alpha_pattern'),
    rslora: reader.get('use_rslora') === true,
    modulesToSave: reader.names('modules_to_save'),
    layersToTransform: reader.integers('layers_to_transform'),
    layersPattern: reader.names('layers_pattern'),
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
