import assert from 'node:assert/strict';
import { MAX_MESSAGE_LENGTH } from '../../../ts/errors.js';
import {
  fairConfigJson,
  isXceptionConfig,
  parseXceptionConfig,
  XCEPTION_ARCHITECTURES,
  type XceptionConfig,
} from '../../../ts/detect/xception-config.js';

const PLAIN = { architecture: 'legacy_xception', num_classes: 2 };
const FAIR = { architecture: 'fair_xception', num_classes: 2 };
const parse = (config: unknown, imageSize?: readonly [number, number]): XceptionConfig =>
  parseXceptionConfig(config, 'config.json', { imageSize });

function refuses(base: object, changes: object): void {
  assert.throws(() => parse({ ...base, model_args: changes }), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'ERR_CONFIG');
    assert.match(error.message, new RegExp(Object.keys(changes)[0]!));
    return error.message.length <= MAX_MESSAGE_LENGTH;
  });
}

describe('isXceptionConfig', () => {
  it('knows the architectures, with and without the name of weights', () => {
    for (const architecture of XCEPTION_ARCHITECTURES) assert.equal(isXceptionConfig({ architecture }), true);
    assert.equal(isXceptionConfig({ architecture: 'legacy_xception.tf_in1k' }), true);
    for (const other of [{ architecture: 'vit_tiny_patch16_224' }, { architecture: 7 }, {}, null, [], 'xception']) {
      assert.equal(isXceptionConfig(other), false);
    }
  });
});

describe('parseXceptionConfig', () => {
  it("gives timm's network and preprocessing without further settings", () => {
    const { network, preprocessing, numClasses } = parse({ architecture: 'xception' });
    const xception = { inChannels: 3, numClasses: 1000, adjustChannels: 0, width: 1 };
    assert.deepEqual(network, { kind: 'xception', xception, imageHeight: 299, imageWidth: 299 });
    assert.equal(numClasses, 1000);
    const { interpolation, cropPct, cropMode, mean, inputSize } = preprocessing;
    assert.deepEqual([interpolation, cropPct, cropMode, mean[0], inputSize], ['bicubic', 0.8975, 'center', 0.5, [3, 299, 299]]);
  });

  it("gives the authors' detector and preprocessing without further settings", () => {
    const { network, preprocessing, numClasses } = parse({ architecture: 'fair_xception' });
    assert.deepEqual(network, {
      kind: 'fair',
      fair: {
        inChannels: 3,
        imageHeight: 256,
        imageWidth: 256,
        specificClasses: 6,
        groups: 8,
        width: 1,
        headDropout: 0.2,
        decoderDropout: 0.3,
      },
    });
    assert.equal(numClasses, 2);
    const { interpolation, cropPct, cropMode, std, inputSize } = preprocessing;
    assert.deepEqual([interpolation, cropPct, cropMode, std[2], inputSize], ['bilinear', 1, 'squash', 0.5, [3, 256, 256]]);
  });

  it('takes the image size from pretrained_cfg, model_args and the caller, the last first', () => {
    const pretrained = { pretrained_cfg: { input_size: [3, 128, 160] } };
    const sizeOf = (config: object, size?: readonly [number, number]) => parse({ ...FAIR, ...config }, size).preprocessing.inputSize;
    assert.deepEqual(sizeOf(pretrained), [3, 128, 160]);
    assert.deepEqual(sizeOf({ ...pretrained, model_args: { img_size: 96 } }), [3, 96, 96]);
    assert.deepEqual(sizeOf({ ...pretrained, model_args: { img_size: 96 } }, [64, 64]), [3, 64, 64]);
  });

  it('refuses what the networks cannot be', () => {
    for (const changes of [{ width: 0 }, { width: 5 }, { width: '1' }, { in_chans: 0 }, { img_size: 16 }, { global_pool: 'max' }]) {
      refuses(PLAIN, changes);
    }
    for (const changes of [
      { img_size: 100 },
      { img_size: 32 },
      { groups: 1 },
      { specific_classes: 1 },
      { specific_classes: -1 },
      { head_dropout: 1 },
      { decoder_dropout: -0.1 },
      { num_classes: 3 },
    ]) {
      refuses(FAIR, changes);
    }
  });

  it('refuses another architecture', () => {
    assert.throws(() => parse({ architecture: 'vit_tiny_patch16_224' }), { code: 'ERR_CONFIG', message: /fair_xception/ });
  });
});

describe('fairConfigJson', () => {
  it('is read back', () => {
    const config = parse({ ...FAIR, model_args: { img_size: [64, 96], width: 0.25, specific_classes: 0, groups: 3, head_dropout: 0 } });
    if (config.network.kind !== 'fair') throw new Error('another network');
    assert.deepEqual(parse(fairConfigJson(config.network.fair, config.preprocessing)), config);
  });
});
