/** What the readers of config.json have in common: timm's layout and its pretrained_cfg. */
import type { DetectorPreprocessing } from './detector-json.js';
import type { Fields } from './json-fields.js';

export type JsonObject = Readonly<Record<string, unknown>>;
type Triple = readonly [number, number, number];

const INTERPOLATIONS = ['bicubic', 'bilinear', 'lanczos', 'box', 'nearest'] as const;
const CROP_MODES = ['center', 'squash', 'border'] as const;
/** Far above every published model, so that a file cannot ask for work without end. */
export const MAX_SIDE = 4096;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {});

/** One number for both sides, or [height, width]. */
export function pair(fields: Fields, name: string): readonly [number, number] {
  const value = fields.raw(name);
  const list = Array.isArray(value) ? (value as unknown[]) : [value, value];
  const fits = (item: unknown): boolean => Number.isSafeInteger(item) && (item as number) >= 1 && (item as number) <= MAX_SIDE;
  if (list.length === 2 && list.every(fits)) return list as unknown as readonly [number, number];
  throw fields.refuse(name, `an integer from 1 to ${MAX_SIDE} or [height, width]`);
}

/** timm's precedence: what is given, then pretrained_cfg, the config itself, its model_args, then the caller's. */
export function mergeArguments(config: JsonObject, args: JsonObject, caller: JsonObject): JsonObject {
  const pretrained = objectOf(config['pretrained_cfg']);
  const inputSize = pretrained['input_size'];
  const merged: Record<string, unknown> = { ...args };
  const put = (name: string, value: unknown): void => {
    if (value !== undefined && value !== null) merged[name] = value;
  };
  if (Array.isArray(inputSize) && inputSize.length === 3) {
    put('in_chans', inputSize[0]);
    put('img_size', inputSize.slice(1));
  }
  put('num_classes', pretrained['num_classes']);
  put('num_classes', config['num_classes']);
  put('global_pool', config['global_pool']);
  Object.assign(merged, objectOf(config['model_args']));
  for (const [name, value] of Object.entries(caller)) put(name, value);
  return merged;
}

function tripleOf(value: unknown, fallback: Triple): Triple {
  const fits = Array.isArray(value) && value.length === 3 && value.every((item) => Number.isFinite(item));
  return fits ? (value as unknown as Triple) : fallback;
}

/** pretrained_cfg with `defaults` where it has nothing; `cropPct` is the caller's. */
export function preprocessingOf(config: JsonObject, defaults: DetectorPreprocessing, cropPct?: number): DetectorPreprocessing {
  const pretrained = objectOf(config['pretrained_cfg']);
  const crop = cropPct ?? pretrained['crop_pct'];
  return {
    inputSize: defaults.inputSize,
    interpolation: INTERPOLATIONS.find((name) => name === pretrained['interpolation']) ?? defaults.interpolation,
    cropPct: typeof crop === 'number' && crop > 0 && crop <= 1 ? crop : defaults.cropPct,
    cropMode: CROP_MODES.find((name) => name === pretrained['crop_mode']) ?? defaults.cropMode,
    mean: tripleOf(pretrained['mean'], defaults.mean),
    std: tripleOf(pretrained['std'], defaults.std),
  };
}
