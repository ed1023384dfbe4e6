import assert from 'node:assert/strict';
import { MAX_MESSAGE_LENGTH } from '../../../ts/errors.js';
import { parseVitConfig, vitLinearNames, type VitConfigOverrides } from '../../../ts/detect/vit-config.js';

const BASE = { architecture: 'vit_base_patch16_224', num_classes: 1000 };
const parse = (config: unknown, overrides?: VitConfigOverrides) => parseVitConfig(config, 'config.json', overrides);
const optionsOf = (config: object, overrides?: VitConfigOverrides) => parse({ ...BASE, ...config }, overrides).options;

describe('parseVitConfig', () => {
  it('takes the weights off the name of an architecture', () => {
    assert.equal(parse({ ...BASE, architecture: 'vit_tiny_patch16_224.augreg_in21k_ft_in1k' }).architecture, 'vit_tiny_patch16_224');
  });

  it('lists what is known for an unknown architecture, in one short message', () => {
    for (const architecture of ['resnet50', 'vit_base_patch16_siglip_224', '__proto__', 'x'.repeat(5000)]) {
      assert.throws(() => parse({ architecture }), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'ERR_CONFIG');
        assert.match(error.message, /vit_tiny_patch16_224/);
        return error.message.length <= MAX_MESSAGE_LENGTH;
      });
    }
  });

  it('refuses what is not an object with an architecture', () => {
    for (const config of [null, [], 'vit', 5, {}, { architecture: 7 }]) {
      assert.throws(() => parse(config), { code: 'ERR_CONFIG' });
    }
  });

  it('tolerates unknown fields and settings of training', () => {
    const config = { future: { a: 1 }, model_args: { drop_path_rate: 0.1, weight_init: 'jax', something_new: 3 } };
    assert.deepEqual(optionsOf(config), optionsOf({}));
  });

  it('refuses model arguments that change the numbers', () => {
    const refused = [
      { norm_layer: 'rmsnorm' },
      { act_layer: 'mish' },
      { attn_layer: 'diff' },
      { block_fn: 'ParallelScalingBlock' },
      { global_pool: 'map' },
      { embed_dim: '768' },
      { depth: 1.5 },
      { depth: 1e9 },
      { embed_dim: 2 ** 40 },
      { img_size: 1e6 },
      { mlp_ratio: Infinity },
      { qkv_bias: 1 },
      { patch_size: [16] },
    ];
    for (const args of refused) {
      const [name] = Object.keys(args);
      assert.throws(() => optionsOf({ model_args: args }), { code: 'ERR_CONFIG', message: new RegExp(`config\\.json.* ${name}`) });
    }
  });

  it("reads a stem by the names of timm's ConvStem", () => {
    const conv_stem = { channels: [24, 48, 192], kernel_size: 3, stride: [2, 2, 2], padding: 1 };
    const options = optionsOf({ model_args: { embed_dim: 192, num_heads: 3, conv_stem } });
    assert.deepEqual(options.stem, conv_stem.channels.map((channels) => ({ channels, kernel: 3, stride: 2, padding: 1 })));
    assert.deepEqual([options.stemActivation, options.patchHeight, options.patchWidth], ['relu', 8, 8]);
    const mci = parse({ architecture: 'vit_base_mci_224' }).options;
    assert.deepEqual(mci.stem.map(({ kernel }) => kernel), [4, 2, 2]);
    assert.equal(mci.stemActivation, 'gelu');
    assert.deepEqual(optionsOf({}).stem, []);
  });

  it('refuses a stem that is not one', () => {
    const good = { channels: [24, 192], kernel_size: 3, stride: [4, 4], padding: 1 };
    const refused: [string, object][] = [
      ['channels', { ...good, channels: [] }],
      ['channels', { ...good, channels: [24, '192'] }],
      ['channels', { ...good, channels: Array(2000).fill(8) }],
      ['stride', { ...good, stride: [4] }],
      ['stride', { ...good, stride: [4, 0] }],
      ['kernel_size', { ...good, kernel_size: 1e9 }],
      ['padding', { ...good, padding: -1 }],
      ['act_layer', { ...good, act_layer: 'mish' }],
    ];
    for (const [field, conv_stem] of refused) {
      assert.throws(() => optionsOf({ model_args: { conv_stem } }), { code: 'ERR_CONFIG', message: new RegExp(`conv_stem: .*${field}`) });
    }
    assert.throws(() => optionsOf({ model_args: { conv_stem: 5 } }), { code: 'ERR_CONFIG' });
  });

  it("follows timm's precedence for image size and classes", () => {
    const pretrained_cfg = { input_size: [3, 384, 384], num_classes: 21843 };
    assert.equal(optionsOf({}).imageHeight, 224);
    assert.equal(optionsOf({ pretrained_cfg }).imageWidth, 384);
    assert.equal(optionsOf({ pretrained_cfg, model_args: { img_size: 256 } }).imageWidth, 256);
    const overridden = optionsOf({ pretrained_cfg, model_args: { img_size: 256 } }, { imageSize: [64, 32], numClasses: 2 });
    assert.deepEqual([overridden.imageHeight, overridden.imageWidth, overridden.numClasses], [64, 32, 2]);
    assert.equal(optionsOf({ pretrained_cfg }).numClasses, 1000);
    assert.equal(optionsOf({ pretrained_cfg, num_classes: undefined }).numClasses, 21843);
  });

  it('refuses an image size that no patch divides', () => {
    assert.throws(() => optionsOf({}, { imageSize: [224, 230] }), { code: 'ERR_CONFIG', message: /16 x 16/ });
  });

  it("moves the norm behind the pooling as timm does, unless fc_norm says otherwise", () => {
    assert.equal(optionsOf({}).fcNorm, false);
    assert.equal(optionsOf({ global_pool: 'avg' }).fcNorm, true);
    assert.equal(optionsOf({ global_pool: 'avg', model_args: { fc_norm: false } }).fcNorm, false);
  });

  it('reads the preprocessing, with the defaults of timm', () => {
    const pretrained_cfg = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], crop_pct: 0.9, interpolation: 'bicubic' };
    assert.deepEqual(parse({ ...BASE, pretrained_cfg }).preprocessing, {
      inputSize: [3, 224, 224],
      interpolation: 'bicubic',
      cropPct: 0.9,
      cropMode: 'center',
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
    });
    const plain = parse(BASE).preprocessing;
    assert.equal(plain.cropPct, 0.875);
    assert.equal(parseVitConfig({ architecture: 'vit_tiny_patch16_224' }, 'config.json', { cropPct: 0.5 }).preprocessing.cropPct, 0.5);
    assert.deepEqual(plain.mean, [0.485, 0.456, 0.406]);
  });
});

describe('vitLinearNames', () => {
  it('lists four layers a block, and the heads', () => {
    const names = vitLinearNames(optionsOf({ model_args: { depth: 2, representation_size: 64, distilled: true } }));
    assert.equal(names.length, 11);
    assert.deepEqual(names.slice(0, 4), ['blocks.0.attn.qkv', 'blocks.0.attn.proj', 'blocks.0.mlp.fc1', 'blocks.0.mlp.fc2']);
    assert.deepEqual(names.slice(8), ['pre_logits.fc', 'head', 'head_dist']);
  });
});
