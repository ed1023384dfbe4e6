import assert from 'node:assert/strict';
import { parseUnetConfig } from '../../../ts/generate/config/unet-config.js';

const parse = (config: unknown) => parseUnetConfig(config, 'unet/config.json');

/** What Stable Diffusion 1.5 says beside diffusers' defaults. */
const SD15 = { cross_attention_dim: 768 };

describe('parseUnetConfig', () => {
  it("fills in diffusers' defaults", () => {
    const options = parse(SD15);
    assert.deepEqual(options.blockOutChannels, [320, 640, 1280, 1280]);
    assert.deepEqual(options.crossAttentionDim, [768, 768, 768, 768]);
    assert.deepEqual(options.downCrossAttention, [true, true, true, false]);
    assert.deepEqual(options.upCrossAttention, [false, true, true, true]);
    assert.equal(options.midBlock, 'cross-attention');
    assert.equal(options.timeEmbeddingDim, 1280);
    assert.equal(options.timeCondProjDim, 0);
    assert.equal(options.actFn, 'silu');
  });

  it('reads attention_head_dim as numbers of heads', () => {
    assert.deepEqual(parse(SD15).numAttentionHeads, [8, 8, 8, 8]);
    assert.deepEqual(parse({ ...SD15, attention_head_dim: [5, 10, 20, 20] }).numAttentionHeads, [5, 10, 20, 20]);
    assert.throws(() => parse({ attention_head_dim: 7 }), { code: 'ERR_CONFIG', message: /attention_head_dim/ });
  });

  it('takes one value for every level or a list, and no other list', () => {
    assert.deepEqual(parse({ layers_per_block: [1, 2, 3, 4] }).layersPerBlock, [1, 2, 3, 4]);
    assert.deepEqual(parse({ only_cross_attention: [true, false, true, false] }).onlyCrossAttention, [true, false, true, false]);
    for (const layers of [[1, 2], [1, 2, 3, 0], [[1], [2], [3], [4]], '2', 1.5]) {
      assert.throws(() => parse({ layers_per_block: layers }), { code: 'ERR_CONFIG', message: /layers_per_block/ });
    }
  });

  it('tells a middle block that is null from one that is not mentioned', () => {
    assert.equal(parse({ mid_block_type: null }).midBlock, 'none');
    assert.equal(parse({ mid_block_type: 'UNetMidBlock2D' }).midBlock, 'plain');
  });

  it('tolerates unknown fields and those that change no number', () => {
    const config = { _class_name: 'UNet2DConditionModel', sample_size: 64, upcast_attention: true, use_linear_projection: true, future: [1] };
    assert.deepEqual(parse(config), parse({}));
  });

  it('treats null as absent where diffusers does', () => {
    assert.deepEqual(parse({ act_fn: null, time_embedding_dim: null, class_embed_type: null }), parse({}));
  });

  it('refuses what would change the numbers, naming the field', () => {
    const refused = [
      { num_attention_heads: 8 },
      { dual_cross_attention: true },
      { encoder_hid_dim: 768 },
      { class_embed_type: 'timestep' },
      { num_class_embeds: 10 },
      { addition_embed_type: 'text_time' },
      { time_embedding_type: 'fourier' },
      { timestep_post_act: 'silu' },
      { attention_type: 'gated' },
      { cross_attention_norm: 'layer_norm' },
      { resnet_skip_time_act: true },
      { resnet_time_scale_shift: 'ada_group' },
      { act_fn: 'mish' },
      { down_block_types: ['AttnDownBlock2D', 'DownBlock2D', 'DownBlock2D', 'DownBlock2D'] },
      { up_block_types: ['UpBlock2D'] },
      { mid_block_type: 'UNetMidBlock2DSimpleCrossAttn' },
      { norm_num_groups: 48 },
      { norm_eps: 0 },
      { block_out_channels: [] },
      { block_out_channels: [2 ** 40] },
      { conv_in_kernel: 4 },
      { in_channels: '4' },
      { downsample_padding: 2 },
    ];
    for (const config of refused) {
      const [name] = Object.keys(config);
      assert.throws(() => parse(config), { code: 'ERR_CONFIG', message: new RegExp(`unet/config\\.json.* ${name}`) });
    }
    for (const config of [null, [], 'unet', 5]) assert.throws(() => parse(config), { code: 'ERR_CONFIG' });
  });
});
