/**
 * The configs of a single-file checkpoint of Stable Diffusion 1.x, which holds none: sizes come from the shapes of its
 * tensors, the rest is what every such model has. Tensors are named as in diffusers.
 */
import { DeepcodeError } from '../errors.js';

/** Shapes by diffusers' names; weights of 1 x 1 convolutions have four sides. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

type Config = Readonly<Record<string, unknown>>;

/** Width of one head in CLIP's text encoders. */
const CLIP_HEAD = 64;

/** Of every Stable Diffusion 1.x; a shape does not show them. */
const UNET = {
  _class_name: 'UNet2DConditionModel',
  act_fn: 'silu',
  attention_head_dim: 8,
  center_input_sample: false,
  downsample_padding: 1,
  flip_sin_to_cos: true,
  freq_shift: 0,
  mid_block_scale_factor: 1,
  norm_eps: 1e-5,
  norm_num_groups: 32,
  sample_size: 64,
};
const VAE = {
  _class_name: 'AutoencoderKL',
  act_fn: 'silu',
  norm_num_groups: 32,
  sample_size: 512,
  scaling_factor: 0.18215,
};
const TEXT_ENCODER = {
  model_type: 'clip_text_model',
  hidden_act: 'quick_gelu',
  layer_norm_eps: 1e-5,
  bos_token_id: 0,
  eos_token_id: 2,
  pad_token_id: 1,
};

/** The sampler that Stable Diffusion 1.x comes with. */
export const SCHEDULER: Config = {
  _class_name: 'PNDMScheduler',
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  num_train_timesteps: 1000,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
  trained_betas: null,
  clip_sample: false,
};

/** Reads sizes out of a network's shapes. */
class Sizes {
  constructor(
    private readonly shapes: Shapes,
    private readonly where: string,
  ) {}

  side(name: string, index: number): number {
    const size = this.shapes.get(name)?.[index];
    if (size !== undefined) return size;
    throw new DeepcodeError(
      'ERR_WEIGHTS_MISSING',
      `${this.where} lacks ${name}. Use a whole Stable Diffusion 1.x checkpoint.`,
    );
  }

  /** The side of the first tensor whose name ends so. */
  sideOfAny(end: string, index: number): number {
    return this.side([...this.shapes.keys()].find((name) => name.endsWith(end)) ?? end, index);
  }

  has(start: string): boolean {
    return [...this.shapes.keys()].some((name) => name.startsWith(start));
  }

  /** How many there are of `start` 0, 1, 2, ... */
  count(start: string): number {
    let count = 0;
    while (this.has(`${start}${count}.`)) count++;
    return count;
  }

  /** Widths of the levels below `start`. */
  widths(start: string): number[] {
    return Array.from({ length: this.count(start) }, (_, i) => this.side(`${start}${i}.resnets.0.conv1.weight`, 0));
  }
}

/** unet/config.json. @throws DeepcodeError ERR_WEIGHTS_MISSING naming a tensor */
export function inferUnetConfig(shapes: Shapes, where: string): Config {
  const sizes = new Sizes(shapes, where);
  const widths = sizes.widths('down_blocks.');
  const typesOf = (direction: 'Down' | 'Up'): string[] =>
    widths.map((_, i) => {
      const crosses = sizes.has(`${direction.toLowerCase()}_blocks.${i}.attentions.`);
      return `${crosses ? 'CrossAttn' : ''}${direction}Block2D`;
    });
  return {
    ...UNET,
    in_channels: sizes.side('conv_in.weight', 1),
    out_channels: sizes.side('conv_out.weight', 0),
    block_out_channels: widths,
    layers_per_block: sizes.count('down_blocks.0.resnets.'),
    cross_attention_dim: sizes.sideOfAny('.attn2.to_k.weight', 1),
    down_block_types: typesOf('Down'),
    up_block_types: typesOf('Up'),
  };
}

/** vae/config.json. @throws DeepcodeError ERR_WEIGHTS_MISSING naming a tensor */
export function inferVaeConfig(shapes: Shapes, where: string): Config {
  const sizes = new Sizes(shapes, where);
  const widths = sizes.widths('encoder.down_blocks.');
  return {
    ...VAE,
    in_channels: sizes.side('encoder.conv_in.weight', 1),
    out_channels: sizes.side('decoder.conv_out.weight', 0),
    latent_channels: sizes.side('decoder.conv_in.weight', 1),
    block_out_channels: widths,
    layers_per_block: sizes.count('encoder.down_blocks.0.resnets.'),
    down_block_types: widths.map(() => 'DownEncoderBlock2D'),
    up_block_types: widths.map(() => 'UpDecoderBlock2D'),
  };
}

/** text_encoder/config.json. @throws DeepcodeError ERR_WEIGHTS_MISSING naming a tensor */
export function inferTextEncoderConfig(shapes: Shapes, where: string): Config {
  const plain = new Map([...shapes].map(([name, shape]) => [name.replace(/^text_model\./, ''), shape]));
  const sizes = new Sizes(plain, where);
  const hidden = sizes.side('embeddings.token_embedding.weight', 1);
  return {
    ...TEXT_ENCODER,
    vocab_size: sizes.side('embeddings.token_embedding.weight', 0),
    hidden_size: hidden,
    max_position_embeddings: sizes.side('embeddings.position_embedding.weight', 0),
    intermediate_size: sizes.side('encoder.layers.0.mlp.fc1.weight', 0),
    num_hidden_layers: sizes.count('encoder.layers.'),
    num_attention_heads: Math.max(1, Math.floor(hidden / CLIP_HEAD)),
  };
}
