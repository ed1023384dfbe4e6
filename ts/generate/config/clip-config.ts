/**
 * From the config.json of transformers' CLIP models to their options. Unknown fields are tolerated; a field that
 * would change the numbers and that this package does not compute is refused.
 */
import { Fields } from '../../detect/json-fields.js';
import type {
  NativeClipEncoderOptions,
  NativeClipTextOptions,
  NativeClipVisionOptions,
  NativeSafetyCheckerOptions,
} from '../../native/clip.js';
import { defaulted } from './network-fields.js';

/** Bounds far above every published model, so that a file cannot ask for work without end. */
const MAX_WIDTH = 65_536;
const MAX_LAYERS = 1000;
const MAX_TOKENS = 1_000_000;
const MAX_SIDE = 4096;

/** transformers' names of activations, and ours. */
const ACTIVATIONS = {
  quick_gelu: 'quick_gelu',
  gelu: 'gelu',
  gelu_new: 'gelu_tanh',
  gelu_pytorch_tanh: 'gelu_tanh',
} as const;
const ACTIVATION_NAMES = Object.keys(ACTIVATIONS) as (keyof typeof ACTIVATIONS)[];

/** What transformers takes where a config has no eos_token_id. */
const EOS_TOKEN_ID = 49_407;

/** transformers' defaults of CLIPVisionConfig, which several of its versions leave out of a checker's config.json. */
const VISION = {
  hidden_size: 768,
  intermediate_size: 3072,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  hidden_act: 'quick_gelu',
  layer_norm_eps: 1e-5,
  image_size: 224,
  patch_size: 32,
  num_channels: 3,
};

/** Of the published safety checker; no config says them. */
const CONCEPTS = 17;
const SPECIAL_CARES = 3;

const integer = (fields: Fields, name: string, max: number): number =>
  fields.number(name, { min: 1, max, integer: true });

function encoderOptions(fields: Fields): NativeClipEncoderOptions {
  const hiddenSize = integer(fields, 'hidden_size', MAX_WIDTH);
  const numAttentionHeads = integer(fields, 'num_attention_heads', MAX_WIDTH);
  if (hiddenSize % numAttentionHeads !== 0) {
    throw fields.refuse('num_attention_heads', `a divisor of hidden_size ${hiddenSize}`);
  }
  const layerNormEps = fields.number('layer_norm_eps', { min: 0, max: 1 });
  if (layerNormEps === 0) throw fields.refuse('layer_norm_eps', 'a number above 0');
  return {
    hiddenSize,
    intermediateSize: integer(fields, 'intermediate_size', MAX_WIDTH),
    numHiddenLayers: integer(fields, 'num_hidden_layers', MAX_LAYERS),
    numAttentionHeads,
    layerNormEps,
    hiddenAct: ACTIVATIONS[fields.choice('hidden_act', ACTIVATION_NAMES)],
  };
}

/**
 * Reads a text_encoder/config.json.
 *
 * @param where the file's name, for messages
 * @throws DeepcodeError ERR_CONFIG naming the field
 */
export function parseClipTextConfig(config: unknown, where: string): NativeClipTextOptions {
  const fields = new Fields(config, where);
  const vocabSize = integer(fields, 'vocab_size', MAX_TOKENS);
  return {
    ...encoderOptions(fields),
    vocabSize,
    maxPositionEmbeddings: integer(fields, 'max_position_embeddings', MAX_SIDE),
    eosTokenId:
      (fields.raw('eos_token_id') ?? null) === null
        ? EOS_TOKEN_ID
        : fields.number('eos_token_id', { min: 0, max: MAX_TOKENS, integer: true }),
  };
}

function visionOptions(fields: Fields): NativeClipVisionOptions {
  const imageSize = integer(fields, 'image_size', MAX_SIDE);
  const patchSize = integer(fields, 'patch_size', MAX_SIDE);
  if (imageSize % patchSize !== 0) throw fields.refuse('image_size', `a multiple of patch_size ${patchSize}`);
  const numChannels = integer(fields, 'num_channels', MAX_SIDE);
  if (numChannels !== 3) throw fields.refuse('num_channels', '3');
  return { ...encoderOptions(fields), imageSize, patchSize, numChannels };
}

/**
 * Reads a safety_checker/config.json.
 *
 * @param where the file's name, for messages
 * @throws DeepcodeError ERR_CONFIG naming the field
 */
export function parseSafetyCheckerConfig(config: unknown, where: string): NativeSafetyCheckerOptions {
  const fields = new Fields(config, where);
  fields.object('vision_config'); // refuses what is none
  return {
    vision: visionOptions(defaulted(fields.raw('vision_config'), VISION, `${where}: vision_config`)),
    projectionDim: integer(fields, 'projection_dim', MAX_WIDTH),
    concepts: CONCEPTS,
    specialCares: SPECIAL_CARES,
  };
}
