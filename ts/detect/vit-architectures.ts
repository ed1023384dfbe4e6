/**
 * The plain Vision Transformers that timm names, one with a stem of convolutions, and the arguments by which each
 * differs from timm's defaults.
 * Argument names are timm's, as in a config.json's `model_args`.
 */

/** Arguments of timm's VisionTransformer, as JSON holds them. */
export type VitArguments = Readonly<Record<string, unknown>>;

/** Width, depth and heads by the size in a name. */
const SIZES: Readonly<Record<string, readonly [number, number, number]>> = {
  tiny: [192, 12, 3],
  xsmall: [256, 10, 4],
  small: [384, 12, 6],
  medium: [512, 12, 8],
  mediumd: [512, 20, 8],
  betwixt: [640, 12, 10],
  base: [768, 12, 12],
  large: [1024, 24, 16],
  huge: [1280, 32, 16],
};

interface Family {
  prefix: string;
  /** What follows the prefix: size, patch and, last, image size. */
  names: string;
  args: VitArguments;
  /** Where the names carry no image size. */
  imageSize?: number;
}

const CLIP = { pre_norm: true, norm_eps: 1e-5 } as const;
const GAP = { class_token: false, global_pool: 'avg' } as const;
const REGISTER_GAP = { ...GAP, init_values: 1e-5, no_embed_class: true } as const;

const FAMILIES: readonly Family[] = [
  {
    prefix: 'vit_',
    names:
      'tiny_patch16_224 tiny_patch16_384 small_patch8_224 small_patch16_224 small_patch16_384 small_patch32_224 ' +
      'small_patch32_384 base_patch8_224 base_patch16_224 base_patch16_384 base_patch32_224 base_patch32_384 ' +
      'large_patch14_224 large_patch16_224 large_patch16_384 large_patch32_224 large_patch32_384 huge_patch14_224',
    args: {},
  },
  { prefix: 'vit_', names: 'base_patch16_224_miil', args: { qkv_bias: false }, imageSize: 224 },
  {
    prefix: 'vit_',
    names: 'medium_patch16_gap_240 medium_patch16_gap_256 medium_patch16_gap_384 betwixt_patch16_gap_256',
    args: { ...GAP, qkv_bias: false, init_values: 1e-6, fc_norm: false },
  },
  { prefix: 'vit_', names: 'base_patch16_gap_224', args: { ...GAP, num_heads: 16, fc_norm: false } },
  { prefix: 'vit_', names: 'huge_patch14_gap_224 huge_patch16_gap_448', args: { ...GAP, fc_norm: false } },
  { prefix: 'vit_', names: 'base_patch16_siglip_gap_224 base_patch16_siglip_gap_256', args: { ...GAP, fc_norm: false } },
  {
    prefix: 'vit_',
    names: 'medium_patch16_reg1_gap_256 betwixt_patch16_reg1_gap_256',
    args: { ...REGISTER_GAP, reg_tokens: 1 },
  },
  {
    prefix: 'vit_',
    names: 'medium_patch16_reg4_gap_256 mediumd_patch16_reg4_gap_256 mediumd_patch16_reg4_gap_384 ' +
      'betwixt_patch16_reg4_gap_256 betwixt_patch16_reg4_gap_384',
    args: { ...REGISTER_GAP, reg_tokens: 4 },
  },
  { prefix: 'vit_', names: 'base_patch16_reg4_gap_256', args: { ...GAP, no_embed_class: true, reg_tokens: 4 } },
  {
    prefix: 'vit_',
    names:
      'xsmall_patch16_clip_224 medium_patch16_clip_224 medium_patch32_clip_224 betwixt_patch32_clip_224 ' +
      'base_patch16_clip_224 base_patch16_clip_384 base_patch32_clip_224 base_patch32_clip_256 ' +
      'base_patch32_clip_384 base_patch32_clip_448 large_patch14_clip_224 large_patch14_clip_336 ' +
      'huge_patch14_clip_224 huge_patch14_clip_336 huge_patch14_clip_378',
    args: CLIP,
  },
  {
    prefix: 'vit_',
    names:
      'base_patch16_clip_quickgelu_224 base_patch32_clip_quickgelu_224 large_patch14_clip_quickgelu_224 ' +
      'large_patch14_clip_quickgelu_336 huge_patch14_clip_quickgelu_224 huge_patch14_clip_quickgelu_378',
    args: { ...CLIP, act_layer: 'quick_gelu' },
  },
  {
    prefix: 'vit_',
    names: 'small_patch14_dinov2 base_patch14_dinov2 large_patch14_dinov2',
    args: { init_values: 1e-5 },
    imageSize: 518,
  },
  {
    prefix: 'vit_',
    names: 'small_patch14_reg4_dinov2 base_patch14_reg4_dinov2 large_patch14_reg4_dinov2',
    args: { init_values: 1e-5, reg_tokens: 4, no_embed_class: true },
    imageSize: 518,
  },
  { prefix: 'eva_', names: 'large_patch14_196 large_patch14_336', args: { global_pool: 'avg' } },
  {
    prefix: 'deit_',
    names: 'tiny_patch16_224 small_patch16_224 base_patch16_224 base_patch16_384',
    args: {},
  },
  {
    prefix: 'deit_',
    names:
      'tiny_distilled_patch16_224 small_distilled_patch16_224 base_distilled_patch16_224 base_distilled_patch16_384',
    args: { distilled: true },
  },
  {
    prefix: 'deit3_',
    names:
      'small_patch16_224 small_patch16_384 medium_patch16_224 base_patch16_224 base_patch16_384 large_patch16_224 ' +
      'large_patch16_384 huge_patch14_224',
    args: { no_embed_class: true, init_values: 1e-6 },
  },
];

function argumentsOf(name: string, family: Family): VitArguments {
  const size = name.split('_')[0]!;
  const [embedDim, depth, numHeads] = SIZES[size]!;
  const patch = Number(/patch(\d+)/.exec(name)![1]);
  const imageSize = family.imageSize ?? Number(/_(\d+)$/.exec(name)![1]);
  return { img_size: imageSize, patch_size: patch, embed_dim: embedDim, depth, num_heads: numHeads, ...family.args };
}

/** Tokens from convolutions; the name says nothing about them. */
const STEMS: readonly [string, VitArguments][] = [
  [
    'vit_base_mci_224',
    {
      img_size: 224,
      embed_dim: 768,
      depth: 12,
      num_heads: 12,
      no_embed_class: true,
      conv_stem: { channels: [192, 192, 768], kernel_size: [4, 2, 2], stride: [4, 2, 2], padding: 0, act_layer: 'gelu' },
    },
  ],
];

const TABLE: ReadonlyMap<string, VitArguments> = new Map([
  ...FAMILIES.flatMap((family) =>
    family.names.split(' ').map((name): [string, VitArguments] => [family.prefix + name, argumentsOf(name, family)]),
  ),
  ...STEMS,
]);

/** Every architecture this package builds, in timm's spelling. */
export const VIT_ARCHITECTURES: readonly string[] = [...TABLE.keys()];

/** The arguments of an architecture; undefined for one that is not a plain ViT that this package knows. */
export function architectureArguments(name: string): VitArguments | undefined {
  return TABLE.get(name);
}
