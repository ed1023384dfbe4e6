/**
 * From diffusers' vae/config.json to the autoencoder's options. Unknown fields are tolerated; a field that would change
 * the numbers and that this package does not compute is refused. scaling_factor belongs to the pipeline.
 */
import { Fields } from '../../detect/json-fields.js';
import type { NativeAutoencoderKlOptions } from '../../native/autoencoder-kl.js';
import { ACTIVATIONS, MAX_LAYERS, MAX_WIDTH, defaulted, positiveInteger, refuseOthers, widths } from './network-fields.js';

const MAX_SIDE = 65_536;

/** diffusers' defaults. */
const DEFAULTS = {
  in_channels: 3,
  out_channels: 3,
  latent_channels: 4,
  down_block_types: ['DownEncoderBlock2D'],
  up_block_types: ['UpDecoderBlock2D'],
  block_out_channels: [64],
  layers_per_block: 1,
  act_fn: 'silu',
  norm_num_groups: 32,
  sample_size: 32,
  use_quant_conv: true,
  use_post_quant_conv: true,
  mid_block_add_attention: true,
};

/** Fields whose other values change the numbers; these values are what this package computes. */
const FIXED: Readonly<Record<string, readonly unknown[]>> = {
  shift_factor: [null, 0],
  latents_mean: [null],
  latents_std: [null],
};

function checkTypes(fields: Fields, name: string, expected: string, levels: number): void {
  const types = fields.textList(name);
  if (types.length === levels && types.every((type) => type === expected)) return;
  throw fields.refuse(name, `${levels} of ${expected}`);
}

/** One side, or height and width of which diffusers takes the first. */
function sampleSize(fields: Fields): number {
  const value = fields.raw('sample_size');
  const side: unknown = Array.isArray(value) ? value[0] : value;
  const valid = typeof side === 'number' && Number.isInteger(side) && side >= 1 && side <= MAX_SIDE;
  if (!valid) throw fields.refuse('sample_size', `an integer from 1 to ${MAX_SIDE}`);
  return side;
}

/**
 * Reads a vae/config.json of AutoencoderKL.
 *
 * @param where the file's name, for messages
 * @throws DeepcodeError ERR_CONFIG naming the field
 */
export function parseVaeConfig(config: unknown, where: string): NativeAutoencoderKlOptions {
  refuseOthers(new Fields(config, where), FIXED);
  const fields = defaulted(config, DEFAULTS, where);
  const { blockOutChannels, normNumGroups } = widths(fields);
  checkTypes(fields, 'down_block_types', 'DownEncoderBlock2D', blockOutChannels.length);
  checkTypes(fields, 'up_block_types', 'UpDecoderBlock2D', blockOutChannels.length);
  return {
    inChannels: positiveInteger(fields, 'in_channels', MAX_WIDTH),
    outChannels: positiveInteger(fields, 'out_channels', MAX_WIDTH),
    latentChannels: positiveInteger(fields, 'latent_channels', MAX_WIDTH),
    blockOutChannels,
    layersPerBlock: positiveInteger(fields, 'layers_per_block', MAX_LAYERS),
    actFn: ACTIVATIONS[fields.choice('act_fn', Object.keys(ACTIVATIONS) as (keyof typeof ACTIVATIONS)[])],
    normNumGroups,
    sampleSize: sampleSize(fields),
    useQuantConv: fields.flag('use_quant_conv'),
    usePostQuantConv: fields.flag('use_post_quant_conv'),
    midBlockAddAttention: fields.flag('mid_block_add_attention'),
  };
}
