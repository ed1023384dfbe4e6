/**
 * From the files of a `VisionEncoderDecoderModel` folder to options. Unknown fields are tolerated; a field that would
 * change the numbers and that this package does not compute is refused.
 */
import { Fields } from '../detect/json-fields.js';
import type { NativeGpt2Options } from '../native/captioner.js';
import type { NativeVitOptions } from '../native/detector.js';

/** Bounds far above every published model, so that a file cannot ask for work without end. */
const MAX_WIDTH = 65_536;
const MAX_LAYERS = 1000;
const MAX_TOKENS = 1_000_000;
const MAX_SIDE = 4096;

/** transformers' names of activations, and ours. */
const ACTIVATIONS = {
  gelu: 'gelu',
  gelu_new: 'gelu_tanh',
  gelu_pytorch_tanh: 'gelu_tanh',
  relu: 'relu',
  silu: 'silu',
  swish: 'silu',
} as const;
const ACTIVATION_NAMES = Object.keys(ACTIVATIONS) as (keyof typeof ACTIVATIONS)[];

export interface CaptionModelConfig {
  encoder: NativeVitOptions;
  decoder: NativeGpt2Options;
  /** The token that a text begins with, and the one that ends it. */
  startId: number;
  endId: number;
}

const integer = (fields: Fields, name: string, max: number, fallback?: number): number =>
  fields.raw(name) === undefined && fallback !== undefined ? fallback : fields.number(name, { min: 1, max, integer: true });

const epsilon = (fields: Fields, name: string, fallback: number): number =>
  fields.raw(name) === undefined ? fallback : fields.number(name, { min: Number.MIN_VALUE, max: 1 });

/** Refuses fields of `expected` that are there with another value. */
function refuseOthers(fields: Fields, expected: Readonly<Record<string, string | boolean>>): void {
  for (const [name, value] of Object.entries(expected)) {
    const found = fields.raw(name) ?? value;
    if (found !== value) throw fields.refuse(name, JSON.stringify(value));
  }
}

/** One number, or a list of two equal ones. */
function square(fields: Fields, name: string, fallback: number): number {
  const value = fields.raw(name);
  if (!Array.isArray(value)) return integer(fields, name, MAX_SIDE, fallback);
  const [side, other] = fields.numberList(name, { min: 1, max: MAX_SIDE, integer: true });
  if (value.length !== 2 || side !== other) throw fields.refuse(name, 'one size');
  return side!;
}

/** What a captioner's encoder has of timm's ViT and transformers' config does not say. */
const PLAIN_VIT = {
  inChannels: 3,
  numClasses: 1,
  globalPool: 'token',
  projBias: true,
  qkNorm: false,
  scaleAttnNorm: false,
  scaleMlpNorm: false,
  initValues: null,
  classToken: true,
  regTokens: 0,
  posEmbed: true,
  noEmbedClass: false,
  preNorm: false,
  finalNorm: true,
  fcNorm: false,
  poolIncludePrefix: false,
  distilled: false,
  representationSize: 0,
} as const;

/** transformers' ViTConfig, with its defaults. */
function parseEncoder(fields: Fields): NativeVitOptions {
  refuseOthers(fields, { model_type: 'vit' });
  if (integer(fields, 'num_channels', 16, 3) !== 3) throw fields.refuse('num_channels', '3');
  const embedDim = integer(fields, 'hidden_size', MAX_WIDTH, 768);
  const numHeads = integer(fields, 'num_attention_heads', MAX_WIDTH, 12);
  if (embedDim % numHeads !== 0) throw fields.refuse('num_attention_heads', `a divisor of hidden_size ${embedDim}`);
  const image = square(fields, 'image_size', 224);
  const patch = square(fields, 'patch_size', 16);
  if (image % patch !== 0) throw fields.refuse('image_size', `a multiple of patch_size ${patch}`);
  return {
    ...PLAIN_VIT,
    imageHeight: image,
    imageWidth: image,
    patchHeight: patch,
    patchWidth: patch,
    embedDim,
    depth: integer(fields, 'num_hidden_layers', MAX_LAYERS, 12),
    numHeads,
    // The addon cuts off the fraction of the product, as timm does.
    mlpRatio: (integer(fields, 'intermediate_size', MAX_WIDTH, 3072) + 0.5) / embedDim,
    qkvBias: fields.raw('qkv_bias') === undefined ? true : fields.flag('qkv_bias'),
    normEps: epsilon(fields, 'layer_norm_eps', 1e-12),
    stem: [],
    stemActivation: 'relu',
    activation: ACTIVATIONS[fields.choice('hidden_act', ACTIVATION_NAMES, 'gelu')],
  };
}

/** transformers' GPT2Config, with its defaults. */
function parseDecoder(fields: Fields): NativeGpt2Options {
  refuseOthers(fields, {
    model_type: 'gpt2',
    add_cross_attention: true,
    scale_attn_weights: true,
    scale_attn_by_inverse_layer_idx: false,
    tie_word_embeddings: true,
  });
  const nEmbd = integer(fields, 'n_embd', MAX_WIDTH, 768);
  const nHead = integer(fields, 'n_head', MAX_WIDTH, 12);
  if (nEmbd % nHead !== 0) throw fields.refuse('n_head', `a divisor of n_embd ${nEmbd}`);
  return {
    vocabSize: integer(fields, 'vocab_size', MAX_TOKENS, 50_257),
    nPositions: integer(fields, 'n_positions', MAX_WIDTH, 1024),
    nEmbd,
    nLayer: integer(fields, 'n_layer', MAX_LAYERS, 12),
    nHead,
    nInner: (fields.raw('n_inner') ?? null) === null ? 4 * nEmbd : integer(fields, 'n_inner', MAX_WIDTH),
    layerNormEpsilon: epsilon(fields, 'layer_norm_epsilon', 1e-5),
    activation: ACTIVATIONS[fields.choice('activation_function', ACTIVATION_NAMES, 'gelu_new')],
  };
}

/** The first of `names` that one of `places` has, in this order. */
function tokenId(places: readonly Fields[], names: readonly string[], vocabSize: number): number {
  for (const name of names) {
    const place = places.find((fields) => (fields.raw(name) ?? null) !== null);
    if (place !== undefined) return place.number(name, { min: 0, max: vocabSize - 1, integer: true });
  }
  throw places.at(-1)!.refuse(names[0]!, 'the id of a token');
}

/**
 * Reads config.json and generation_config.json, which may be absent.
 *
 * @param where the folder's name, for messages
 * @throws DeepcodeError ERR_CONFIG naming the field
 */
export function parseCaptionModel(config: unknown, generation: unknown, where: string): CaptionModelConfig {
  const fields = new Fields(config, `${where}/config.json`);
  refuseOthers(fields, { model_type: 'vision-encoder-decoder' });
  const [encoderFields, decoderFields] = [fields.object('encoder'), fields.object('decoder')];
  const decoder = parseDecoder(decoderFields);
  const places = [new Fields(generation ?? {}, `${where}/generation_config.json`), fields, decoderFields];
  const id = (...names: string[]): number => tokenId(places, names, decoder.vocabSize);
  return {
    encoder: parseEncoder(encoderFields),
    decoder,
    startId: id('decoder_start_token_id', 'bos_token_id'),
    endId: id('eos_token_id'),
  };
}
