/** The networks that `deepcode bench generate` measures, as their config.json: those of Stable Diffusion 1.5, and tiny ones. */

const UNET = {
  _class_name: 'UNet2DConditionModel',
  act_fn: 'silu',
  attention_head_dim: 8,
  block_out_channels: [320, 640, 1280, 1280],
  center_input_sample: false,
  cross_attention_dim: 768,
  down_block_types: ['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D'],
  downsample_padding: 1,
  flip_sin_to_cos: true,
  freq_shift: 0,
  in_channels: 4,
  layers_per_block: 2,
  mid_block_scale_factor: 1,
  norm_eps: 1e-5,
  norm_num_groups: 32,
  out_channels: 4,
  sample_size: 64,
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
};

const VAE = {
  _class_name: 'AutoencoderKL',
  act_fn: 'silu',
  block_out_channels: [128, 256, 512, 512],
  down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D', 'DownEncoderBlock2D', 'DownEncoderBlock2D'],
  in_channels: 3,
  latent_channels: 4,
  layers_per_block: 2,
  norm_num_groups: 32,
  out_channels: 3,
  sample_size: 512,
  up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D', 'UpDecoderBlock2D', 'UpDecoderBlock2D'],
};

const TEXT_ENCODER = {
  architectures: ['CLIPTextModel'],
  hidden_act: 'quick_gelu',
  hidden_size: 768,
  intermediate_size: 3072,
  layer_norm_eps: 1e-5,
  max_position_embeddings: 77,
  model_type: 'clip_text_model',
  num_attention_heads: 12,
  num_hidden_layers: 12,
};

const SCHEDULER = {
  _class_name: 'PNDMScheduler',
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  num_train_timesteps: 1000,
  prediction_type: 'epsilon',
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
};

export type TextEncoderConfig = Readonly<typeof TEXT_ENCODER>;

export interface DiffusionNetworks {
  name: string;
  unet: Readonly<Record<string, unknown>> & { cross_attention_dim: number };
  vae: Readonly<Record<string, unknown>>;
  textEncoder: TextEncoderConfig;
  scheduler: Readonly<Record<string, unknown>>;
  /** Side of the latents. */
  latentSize: number;
}

/** Tokens of a prompt. */
export const TEXT_TOKENS = 77;

export const DIFFUSION_NETWORKS: Readonly<Record<'tiny' | 'base', DiffusionNetworks>> = {
  base: { name: 'Stable Diffusion 1.5', unet: UNET, vae: VAE, textEncoder: TEXT_ENCODER, scheduler: SCHEDULER, latentSize: 64 },
  tiny: {
    name: 'tiny Stable Diffusion',
    unet: { ...UNET, block_out_channels: [32, 64, 64, 64], cross_attention_dim: 32, norm_num_groups: 8, sample_size: 16 },
    vae: { ...VAE, block_out_channels: [16, 32, 32, 32], norm_num_groups: 8, sample_size: 128 },
    textEncoder: { ...TEXT_ENCODER, hidden_size: 32, intermediate_size: 64, num_attention_heads: 4, num_hidden_layers: 2 },
    scheduler: SCHEDULER,
    latentSize: 16,
  },
};
