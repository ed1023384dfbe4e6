/**
 * From a timm hub folder's config.json to the network's options. Unknown fields are tolerated; a field that would
 * change the numbers and that this package does not compute is refused.
 */
import { DeepcodeError } from '../errors.js';
import type { NativeVitOptions } from '../native/detector.js';
import type { DetectorPreprocessing } from './detector-json.js';
import { Fields } from './json-fields.js';
import { isObject, MAX_SIDE, mergeArguments, pair, preprocessingOf, type JsonObject } from './timm-config.js';
import { architectureArguments, VIT_ARCHITECTURES, type VitArguments } from './vit-architectures.js';

export interface VitConfig {
  architecture: string;
  options: NativeVitOptions;
  /** How timm prepares images for this model: its pretrained_cfg, or timm's defaults. */
  preprocessing: DetectorPreprocessing;
}

export interface VitConfigOverrides {
  /** Height and width in pixels; multiples of the patch size. Default: what the config says. */
  imageSize?: readonly [number, number] | undefined;
  /** Default: what the config says. */
  numClasses?: number | undefined;
  /** Above 0 to 1. Default: what the config says. */
  cropPct?: number | undefined;
}

/** timm's defaults, for arguments that neither the architecture nor the config names. */
const TIMM_DEFAULTS: VitArguments = {
  in_chans: 3,
  mlp_ratio: 4,
  qkv_bias: true,
  qk_norm: false,
  scale_attn_norm: false,
  scale_mlp_norm: false,
  proj_bias: true,
  init_values: null,
  class_token: true,
  pos_embed: 'learn',
  no_embed_class: false,
  reg_tokens: 0,
  pre_norm: false,
  final_norm: true,
  fc_norm: null,
  pool_include_prefix: false,
  distilled: false,
  representation_size: null,
  norm_layer: null,
  norm_eps: 1e-6,
  act_layer: null,
  conv_stem: null,
};

/** Arguments whose other values change the numbers; these values are what this package computes. */
const FIXED_ARGUMENTS: Readonly<Record<string, readonly unknown[]>> = {
  norm_layer: [null, 'layernorm', 'LayerNorm'],
  embed_norm_layer: [null],
  attn_layer: [null, '', 'attn'],
  mlp_layer: [null, 'mlp'],
  block_fn: [null],
  embed_layer: [null],
};

/** Bounds far above every published model, so that a file cannot ask for work without end. */
const MAX_WIDTH = 65_536;
const MAX_DEPTH = 1000;
const MAX_CLASSES = 1_000_000;
const MAX_STEM_PIXELS = 64;

const POOLS = ['token', 'avg', 'max', 'avgmax'] as const;
const ACTIVATIONS = ['gelu', 'gelu_tanh', 'quick_gelu', 'relu', 'silu'] as const;
const integer = (fields: Fields, name: string, min: number, max: number): number => fields.number(name, { min, max, integer: true });

function positive(fields: Fields, name: string): number {
  const value = fields.number(name, { min: 0, max: MAX_WIDTH });
  if (value > 0) return value;
  throw fields.refuse(name, 'a number above 0');
}

function knownNames(): string {
  const shown = VIT_ARCHITECTURES.filter((name) => /^(vit|deit)_\w+_patch(16|32)_(224|384)$/.test(name)).slice(0, 5);
  return `${shown.join(', ')} and ${VIT_ARCHITECTURES.length - shown.length} more of timm's plain Vision Transformers`;
}

function architectureOf(config: JsonObject, where: string): { name: string; args: VitArguments } {
  const name = config['architecture'];
  if (typeof name !== 'string') {
    throw new DeepcodeError('ERR_CONFIG', `${where}: expected a timm architecture name for architecture.`);
  }
  const base = name.split('.')[0]!; // "vit_base_patch16_224.augreg_in21k" names weights too
  const args = architectureArguments(base);
  if (args !== undefined) return { name: base, args };
  throw new DeepcodeError('ERR_CONFIG', `${where}: unknown architecture ${base.slice(0, 60)}. Known: ${knownNames()}.`);
}

function checkFixed(args: Fields): void {
  for (const [name, supported] of Object.entries(FIXED_ARGUMENTS)) {
    const value = args.raw(name) ?? null;
    if (!supported.includes(value)) throw args.refuse(name, `${supported.filter((item) => item).join(' or ') || 'nothing'}`);
  }
}

/** Where timm derives one argument from another. */
function derived(args: Fields): Pick<NativeVitOptions, 'globalPool' | 'fcNorm' | 'initValues' | 'posEmbed' | 'activation' | 'representationSize'> {
  const globalPool = args.choice('global_pool', POOLS);
  const fcNorm = args.raw('fc_norm') === null ? globalPool !== 'token' : args.flag('fc_norm');
  const optional = (name: string): boolean => args.raw(name) !== null && args.raw(name) !== 0 && args.raw(name) !== false;
  return {
    globalPool,
    fcNorm,
    initValues: optional('init_values') ? positive(args, 'init_values') : null,
    posEmbed: args.raw('pos_embed') !== null && args.choice('pos_embed', ['learn', 'none', '']) === 'learn',
    activation: args.raw('act_layer') === null ? 'gelu' : args.choice('act_layer', ACTIVATIONS),
    representationSize: optional('representation_size') ? integer(args, 'representation_size', 1, MAX_WIDTH) : 0,
  };
}

/**
 * The convolutions of timm's ConvStem, by its argument names: channels and stride are lists, kernel_size and padding
 * lists or one number for all. timm gives the stem to a model in code; here it is a field of model_args.
 */
function stemOf(args: Fields): Pick<NativeVitOptions, 'stem' | 'stemActivation'> {
  const stem = args.optionalObject('conv_stem');
  if (stem === undefined) return { stem: [], stemActivation: 'relu' };
  const channels = stem.numberList('channels', { min: 1, max: MAX_WIDTH, integer: true });
  const perLayer = (name: string, min: number): readonly number[] => {
    const rule = { min, max: MAX_STEM_PIXELS, integer: true };
    const list = Array.isArray(stem.raw(name)) ? stem.numberList(name, rule) : channels.map(() => stem.number(name, rule));
    if (list.length !== channels.length) throw stem.refuse(name, `one number for each of the ${channels.length} channels`);
    return list;
  };
  if (channels.length === 0 || channels.length > MAX_DEPTH) throw stem.refuse('channels', `1 to ${MAX_DEPTH} numbers`);
  const kernel = perLayer('kernel_size', 1);
  const stride = perLayer('stride', 1);
  const padding = perLayer('padding', 0);
  return {
    stem: channels.map((count, i) => ({ channels: count, kernel: kernel[i]!, stride: stride[i]!, padding: padding[i]! })),
    stemActivation: stem.choice('act_layer', ACTIVATIONS, 'relu'),
  };
}

function patchSizeOf(args: Fields, { stem }: Pick<NativeVitOptions, 'stem'>): readonly [number, number] {
  if (stem.length === 0) return pair(args, 'patch_size');
  const product = stem.reduce((size, layer) => size * layer.stride, 1);
  return [product, product];
}

function toNativeOptions(args: Fields): NativeVitOptions {
  checkFixed(args);
  const stem = stemOf(args);
  const [imageHeight, imageWidth] = pair(args, 'img_size');
  const [patchHeight, patchWidth] = patchSizeOf(args, stem);
  if (imageHeight % patchHeight !== 0 || imageWidth % patchWidth !== 0) {
    throw args.refuse('img_size', `multiples of the patch size ${patchHeight} x ${patchWidth}`);
  }
  return {
    imageHeight,
    imageWidth,
    patchHeight,
    patchWidth,
    inChannels: integer(args, 'in_chans', 1, 1024),
    numClasses: integer(args, 'num_classes', 1, MAX_CLASSES),
    embedDim: integer(args, 'embed_dim', 1, MAX_WIDTH),
    depth: integer(args, 'depth', 1, MAX_DEPTH),
    numHeads: integer(args, 'num_heads', 1, MAX_WIDTH),
    mlpRatio: positive(args, 'mlp_ratio'),
    qkvBias: args.flag('qkv_bias'),
    projBias: args.flag('proj_bias'),
    qkNorm: args.flag('qk_norm'),
    scaleAttnNorm: args.flag('scale_attn_norm'),
    scaleMlpNorm: args.flag('scale_mlp_norm'),
    classToken: args.flag('class_token'),
    regTokens: integer(args, 'reg_tokens', 0, MAX_SIDE),
    noEmbedClass: args.flag('no_embed_class'),
    preNorm: args.flag('pre_norm'),
    finalNorm: args.flag('final_norm'),
    poolIncludePrefix: args.flag('pool_include_prefix'),
    distilled: args.flag('distilled'),
    normEps: positive(args, 'norm_eps'),
    ...derived(args),
    ...stem,
  };
}

/** timm's defaults, with ImageNet's statistics. */
const defaultPreprocessing = ({ inChannels, imageHeight, imageWidth }: NativeVitOptions): DetectorPreprocessing => ({
  inputSize: [inChannels, imageHeight, imageWidth],
  interpolation: 'bicubic',
  cropPct: 0.875,
  cropMode: 'center',
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
});

/**
 * Reads a timm config.json.
 *
 * @param config the parsed JSON: architecture, and where there are any num_classes, global_pool, model_args and
 *   pretrained_cfg
 * @param where the file's name, for messages
 * @throws DeepcodeError ERR_CONFIG for an unknown architecture or a setting that this package does not compute
 */
export function parseVitConfig(config: unknown, where: string, overrides: VitConfigOverrides = {}): VitConfig {
  if (!isObject(config)) throw new DeepcodeError('ERR_CONFIG', `${where}: expected an object.`);
  const { name, args } = architectureOf(config, where);
  const defaults = { ...TIMM_DEFAULTS, num_classes: 1000, global_pool: 'token', ...args };
  const merged = mergeArguments(config, defaults, { img_size: overrides.imageSize, num_classes: overrides.numClasses });
  const options = toNativeOptions(new Fields(merged, where));
  return {
    architecture: name,
    options,
    preprocessing: preprocessingOf(config, defaultPreprocessing(options), overrides.cropPct),
  };
}

/** The names of the network's linear layers, in the order of PyTorch's named_modules. */
export function vitLinearNames(options: NativeVitOptions): string[] {
  const blocks = Array.from({ length: options.depth }, (_, i) =>
    ['attn.qkv', 'attn.proj', 'mlp.fc1', 'mlp.fc2'].map((layer) => `blocks.${i}.${layer}`),
  ).flat();
  const preLogits = options.representationSize > 0 ? ['pre_logits.fc'] : [];
  return [...blocks, ...preLogits, 'head', ...(options.distilled ? ['head_dist'] : [])];
}
