/**
 * From diffusers' unet/config.json to the network's options. Unknown fields are tolerated; a field that would change the
 * numbers and that this package does not compute is refused.
 */
import { Fields } from '../../detect/json-fields.js';
import type { NativeUnetOptions } from '../../native/unet.js';
import { ACTIVATIONS, MAX_LAYERS, MAX_WIDTH, defaulted, positiveInteger, refuseOthers, widths } from './network-fields.js';

const DOWN_BLOCKS = ['CrossAttnDownBlock2D', 'DownBlock2D'];
const UP_BLOCKS = ['UpBlock2D', 'CrossAttnUpBlock2D'];
const MIDDLES = { UNetMidBlock2DCrossAttn: 'cross-attention', UNetMidBlock2D: 'plain' } as const;

/** diffusers' defaults. */
const DEFAULTS = {
  in_channels: 4,
  out_channels: 4,
  center_input_sample: false,
  flip_sin_to_cos: true,
  freq_shift: 0,
  down_block_types: ['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D'],
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
  only_cross_attention: false,
  block_out_channels: [320, 640, 1280, 1280],
  layers_per_block: 2,
  downsample_padding: 1,
  mid_block_scale_factor: 1,
  act_fn: 'silu',
  norm_num_groups: 32,
  norm_eps: 1e-5,
  cross_attention_dim: 1280,
  transformer_layers_per_block: 1,
  attention_head_dim: 8,
  resnet_time_scale_shift: 'default',
  conv_in_kernel: 3,
  conv_out_kernel: 3,
};

/** Fields whose other values change the numbers; these values are what this package computes. */
const FIXED: Readonly<Record<string, readonly unknown[]>> = {
  num_attention_heads: [null],
  dual_cross_attention: [null, false],
  encoder_hid_dim: [null],
  encoder_hid_dim_type: [null],
  class_embed_type: [null],
  num_class_embeds: [null],
  addition_embed_type: [null],
  time_embedding_type: [null, 'positional'],
  time_embedding_act_fn: [null],
  timestep_post_act: [null],
  class_embeddings_concat: [null, false],
  attention_type: [null, 'default'],
  cross_attention_norm: [null],
  reverse_transformer_layers_per_block: [null],
  resnet_skip_time_act: [null, false],
  resnet_out_scale_factor: [null, 1],
};

/** One value for every level, or a list of one a level. */
function perLevel<T>(fields: Fields, name: string, levels: number, expected: string, fits: (value: unknown) => value is T): readonly T[] {
  const value = fields.raw(name);
  const list: readonly unknown[] = Array.isArray(value) ? value : Array.from({ length: levels }, () => value);
  if (list.length !== levels || !list.every(fits)) throw fields.refuse(name, `${expected}, or ${levels} of them`);
  return list;
}

const integers = (fields: Fields, name: string, levels: number, max: number): readonly number[] =>
  perLevel(fields, name, levels, `an integer from 1 to ${max}`, (value): value is number =>
    Number.isInteger(value) && (value as number) >= 1 && (value as number) <= max);

function blockTypes(fields: Fields, name: string, known: readonly string[], levels: number): readonly boolean[] {
  const types = fields.textList(name);
  if (types.length !== levels || !types.every((type) => known.includes(type))) {
    throw fields.refuse(name, `${levels} of ${known.join(' and ')}`);
  }
  return types.map((type) => type.startsWith('CrossAttn'));
}

/** Absent means with attention; null means that there is none. */
function middle(config: Fields): NativeUnetOptions['midBlock'] {
  const name = config.raw('mid_block_type');
  if (name === null) return 'none';
  if (name === undefined) return 'cross-attention';
  return MIDDLES[config.choice('mid_block_type', Object.keys(MIDDLES) as (keyof typeof MIDDLES)[])];
}

/**
 * attention_head_dim is the number of heads, whatever its name says: the name was a mistake that every published
 * config depends on.
 */
function heads(fields: Fields, channels: readonly number[]): readonly number[] {
  const counts = integers(fields, 'attention_head_dim', channels.length, MAX_WIDTH);
  if (counts.some((count, level) => channels[level]! % count !== 0)) {
    throw fields.refuse('attention_head_dim', 'numbers of heads that divide block_out_channels');
  }
  return counts;
}

function oddKernel(fields: Fields, name: string): number {
  const size = fields.number(name, { min: 1, max: 31, integer: true });
  if (size % 2 === 0) throw fields.refuse(name, 'an odd integer');
  return size;
}

function embeddingOptions(fields: Fields, width: number): Pick<NativeUnetOptions, 'timeEmbeddingDim' | 'timeCondProjDim' | 'flipSinToCos' | 'freqShift' | 'timeScaleShift'> {
  const freqShift = fields.number('freq_shift', { min: -MAX_WIDTH, max: MAX_WIDTH });
  if (freqShift === Math.floor(width / 2)) throw fields.refuse('freq_shift', 'another number than half of block_out_channels[0]');
  const optional = (name: string, fallback: number): number =>
    (fields.raw(name) ?? null) === null ? fallback : positiveInteger(fields, name, MAX_WIDTH);
  return {
    timeEmbeddingDim: optional('time_embedding_dim', 4 * width),
    timeCondProjDim: optional('time_cond_proj_dim', 0),
    flipSinToCos: fields.flag('flip_sin_to_cos'),
    freqShift,
    timeScaleShift: fields.choice('resnet_time_scale_shift', ['default', 'scale_shift']) === 'scale_shift',
  };
}

function positive(fields: Fields, name: string): number {
  const value = fields.number(name, { min: 0, max: 1e6 });
  if (value > 0) return value;
  throw fields.refuse(name, 'a number above 0');
}

/**
 * Reads a unet/config.json of UNet2DConditionModel.
 *
 * @param where the file's name, for messages
 * @throws DeepcodeError ERR_CONFIG naming the field
 */
export function parseUnetConfig(config: unknown, where: string): NativeUnetOptions {
  const given = new Fields(config, where);
  refuseOthers(given, FIXED);
  const fields = defaulted(config, DEFAULTS, where);
  const { blockOutChannels, normNumGroups } = widths(fields);
  const levels = blockOutChannels.length;
  return {
    ...embeddingOptions(fields, blockOutChannels[0]!),
    inChannels: positiveInteger(fields, 'in_channels', MAX_WIDTH),
    outChannels: positiveInteger(fields, 'out_channels', MAX_WIDTH),
    centerInputSample: fields.flag('center_input_sample'),
    downCrossAttention: blockTypes(fields, 'down_block_types', DOWN_BLOCKS, levels),
    upCrossAttention: blockTypes(fields, 'up_block_types', UP_BLOCKS, levels),
    midBlock: middle(given),
    blockOutChannels,
    layersPerBlock: integers(fields, 'layers_per_block', levels, MAX_LAYERS),
    crossAttentionDim: integers(fields, 'cross_attention_dim', levels, MAX_WIDTH),
    transformerLayersPerBlock: integers(fields, 'transformer_layers_per_block', levels, MAX_LAYERS),
    numAttentionHeads: heads(fields, blockOutChannels),
    onlyCrossAttention: perLevel(fields, 'only_cross_attention', levels, 'true or false', (value) => typeof value === 'boolean'),
    downsamplePadding: fields.number('downsample_padding', { min: 0, max: 1, integer: true }),
    midBlockScaleFactor: positive(fields, 'mid_block_scale_factor'),
    actFn: ACTIVATIONS[fields.choice('act_fn', Object.keys(ACTIVATIONS) as (keyof typeof ACTIVATIONS)[])],
    normNumGroups,
    normEps: positive(fields, 'norm_eps'),
    convInKernel: oddKernel(fields, 'conv_in_kernel'),
    convOutKernel: oddKernel(fields, 'conv_out_kernel'),
  };
}
