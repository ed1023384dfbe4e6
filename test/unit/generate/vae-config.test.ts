import assert from 'node:assert/strict';
import { parseVaeConfig } from '../../../ts/generate/config/vae-config.js';

const parse = (config: unknown) => parseVaeConfig(config, 'vae/config.json');
const twice = (type: string): string[] => [type, type];
const TWO_LEVELS = {
  block_out_channels: [32, 64],
  down_block_types: twice('DownEncoderBlock2D'),
  up_block_types: twice('UpDecoderBlock2D'),
};

describe('parseVaeConfig', () => {
  it("fills in diffusers' defaults", () => {
    assert.deepEqual(parse({}), {
      inChannels: 3,
      outChannels: 3,
      latentChannels: 4,
      blockOutChannels: [64],
      layersPerBlock: 1,
      actFn: 'silu',
      normNumGroups: 32,
      sampleSize: 32,
      useQuantConv: true,
      usePostQuantConv: true,
      midBlockAddAttention: true,
    });
  });

  it('takes the first of two sample sizes, as diffusers does', () => {
    assert.equal(parse({ sample_size: [64, 32] }).sampleSize, 64);
    assert.equal(parse({ sample_size: 128 }).sampleSize, 128);
  });

  it('tolerates unknown fields and those of the pipeline', () => {
    assert.deepEqual(parse({ scaling_factor: 0.13, force_upcast: false, future: 1 }), parse({}));
  });

  it('refuses what would change the numbers, naming the field', () => {
    const refused = [
      { shift_factor: 0.1 },
      { latents_mean: [0] },
      { down_block_types: ['AttnDownEncoderBlock2D'] },
      { up_block_types: twice('UpDecoderBlock2D') },
      { act_fn: 'mish' },
      { norm_num_groups: 7 },
      { latent_channels: 0 },
      { sample_size: 'large' },
      { sample_size: [] },
      { use_quant_conv: 'no' },
      { layers_per_block: [1] },
    ];
    for (const config of refused) {
      const [name] = Object.keys(config);
      assert.throws(() => parse(config), { code: 'ERR_CONFIG', message: new RegExp(`vae/config\\.json.* ${name}`) });
    }
    assert.throws(() => parse({ ...TWO_LEVELS, up_block_types: ['UpDecoderBlock2D'] }), { code: 'ERR_CONFIG' });
    assert.deepEqual(parse(TWO_LEVELS).blockOutChannels, [32, 64]);
  });
});
