import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseClipTextConfig, parseSafetyCheckerConfig } from '../../../ts/generate/config/clip-config.js';
import { parseClipPreprocessor } from '../../../ts/generate/config/clip-preprocessor.js';
import { sharedPath } from '../../support/shared.js';

type Json = Record<string, unknown>;

const ENCODER = {
  hidden_size: 32,
  intermediate_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  layer_norm_eps: 1e-5,
  hidden_act: 'gelu',
};
const TEXT = { ...ENCODER, vocab_size: 100, max_position_embeddings: 77, eos_token_id: 99 };
const VISION = { ...ENCODER, image_size: 32, patch_size: 8, num_channels: 3 };
const CHECKER = { projection_dim: 16, vision_config: VISION };
const PREPROCESSOR = { size: 32, crop_size: 32, image_mean: [0.5, 0.5, 0.5], image_std: [0.2, 0.2, 0.2], resample: 3 };

/** The error must be ERR_CONFIG and name the field. */
function refuses(call: () => unknown, field: string): void {
  assert.throws(call, (error: Error & { code?: string }) => {
    assert.equal(error.code, 'ERR_CONFIG');
    assert.match(error.message, new RegExp(`^config\\.json.*\\b${field}\\b`));
    return true;
  });
}

const without = (json: Json, field: string): Json =>
  Object.fromEntries(Object.entries(json).filter(([key]) => key !== field));

describe('parseClipTextConfig', () => {
  const parse = (config: unknown) => parseClipTextConfig(config, 'config.json');

  it('reads every field', () => {
    assert.deepEqual(parse(TEXT), {
      hiddenSize: 32,
      intermediateSize: 64,
      numHiddenLayers: 2,
      numAttentionHeads: 4,
      layerNormEps: 1e-5,
      hiddenAct: 'gelu',
      vocabSize: 100,
      maxPositionEmbeddings: 77,
      eosTokenId: 99,
    });
  });

  it("reads transformers' names of the tanh approximation, and its default end-of-text token", () => {
    for (const hidden_act of ['gelu_new', 'gelu_pytorch_tanh']) {
      assert.equal(parse({ ...TEXT, hidden_act }).hiddenAct, 'gelu_tanh');
    }
    assert.equal(parse({ ...TEXT, eos_token_id: null }).eosTokenId, 49407);
    assert.equal(parse(without(TEXT, 'eos_token_id')).eosTokenId, 49407);
  });

  for (const field of Object.keys(TEXT).filter((name) => name !== 'eos_token_id')) {
    it(`names ${field} when it is missing`, () => refuses(() => parse(without(TEXT, field)), field));
  }

  for (const [field, value] of [
    ['hidden_size', 0],
    ['hidden_size', 1e9],
    ['hidden_size', '32'],
    ['num_hidden_layers', 2.5],
    ['num_attention_heads', 5],
    ['layer_norm_eps', 0],
    ['layer_norm_eps', null],
    ['hidden_act', 'relu6'],
    ['vocab_size', -1],
    ['max_position_embeddings', 1e6],
    ['eos_token_id', 'end'],
  ] as const) {
    it(`names ${field} when it is ${String(value)}`, () => refuses(() => parse({ ...TEXT, [field]: value }), field));
  }

  it('refuses what is no object', () => {
    for (const value of [null, [], 'text', 1]) assert.throws(() => parse(value), { code: 'ERR_CONFIG' });
  });
});

describe('parseSafetyCheckerConfig', () => {
  const parse = (config: unknown) => parseSafetyCheckerConfig(config, 'config.json');

  it('reads the image encoder and the projection', () => {
    const { vision, projectionDim } = parse(CHECKER);
    assert.equal(projectionDim, 16);
    assert.deepEqual([vision.imageSize, vision.patchSize, vision.numChannels, vision.hiddenSize], [32, 8, 3, 32]);
  });

  it("fills in transformers' defaults, which some of its versions leave out", () => {
    const written = { hidden_size: 1024, intermediate_size: 4096, num_attention_heads: 16, num_hidden_layers: 24, patch_size: 14 };
    const { vision } = parse({ projection_dim: 768, vision_config: written });
    assert.deepEqual([vision.imageSize, vision.numChannels, vision.hiddenAct, vision.layerNormEps], [224, 3, 'quick_gelu', 1e-5]);
    assert.deepEqual([vision.hiddenSize, vision.patchSize, parse({ projection_dim: 8, vision_config: {} }).vision.hiddenSize], [1024, 14, 768]);
  });

  it('names the field that does not fit', () => {
    refuses(() => parse({ vision_config: VISION }), 'projection_dim');
    refuses(() => parse({ projection_dim: 16 }), 'vision_config');
    for (const [field, value] of [
      ['image_size', 33],
      ['patch_size', 0],
      ['num_channels', 4],
    ] as const) {
      refuses(() => parse({ ...CHECKER, vision_config: { ...VISION, [field]: value } }), field);
    }
  });
});

describe('parseClipPreprocessor', () => {
  const parse = (changes: Json, imageSize = 32) =>
    parseClipPreprocessor({ ...PREPROCESSOR, ...changes }, imageSize, 'config.json');

  it('reads sizes as numbers and as objects', () => {
    const sizes = { size: { shortest_edge: 40 }, crop_size: { height: 32, width: 32 } };
    assert.deepEqual([parse({}).shortestEdge, parse({}).cropSize], [32, 32]);
    assert.deepEqual([parse(sizes).shortestEdge, parse(sizes).cropSize], [40, 32]);
  });

  for (const [field, value] of [
    ['size', 31],
    ['size', { height: 32, width: 32 }],
    ['crop_size', 31],
    ['crop_size', { height: 32, width: 31 }],
    ['image_mean', [0.5]],
    ['image_std', [0.2, 0, 0.2]],
    ['resample', 2],
    ['do_center_crop', false],
    ['do_resize', false],
    ['do_normalize', false],
  ] as const) {
    it(`refuses ${field} of ${JSON.stringify(value)}`, () => {
      assert.throws(() => parse({ [field]: value }), { code: 'ERR_CONFIG', message: /^config\.json/ });
    });
  }
});

describe("Stable Diffusion 1.5's configs", () => {
  const json = (...parts: string[]): unknown => JSON.parse(readFileSync(join(...parts), 'utf8'));

  it('are read', function () {
    const folder = sharedPath('models/sd15');
    if (folder === undefined) {
      this.test!.skipReason = 'shared/models/sd15 is absent';
      return this.skip();
    }
    const text = parseClipTextConfig(json(folder, 'text_encoder', 'config.json'), 'text');
    assert.deepEqual(
      [text.hiddenSize, text.numHiddenLayers, text.hiddenAct, text.eosTokenId],
      [768, 12, 'quick_gelu', 2],
    );
    const { vision, projectionDim } = parseSafetyCheckerConfig(
      json(folder, 'safety_checker', 'config.json'),
      'checker',
    );
    assert.deepEqual(
      [vision.hiddenSize, vision.numHiddenLayers, vision.imageSize, projectionDim],
      [1024, 24, 224, 768],
    );
    const file = json(folder, 'feature_extractor', 'preprocessor_config.json');
    assert.equal(parseClipPreprocessor(file, vision.imageSize, 'preprocessor').cropSize, 224);
  });
});
