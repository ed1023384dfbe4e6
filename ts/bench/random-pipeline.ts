/**
 * A folder of a whole Stable Diffusion pipeline with random weights, as diffusers lays it out. Its tokenizer knows bytes
 * only, so that no published vocabulary is needed; of the text encoder that changes nothing but the size of a table.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseUnetConfig } from '../generate/config/unet-config.js';
import { parseVaeConfig } from '../generate/config/vae-config.js';
import { createRandom } from '../metrics/random.js';
import { callNative } from '../native.js';
import { writeSafetensors } from '../weights/safetensors.js';
import type { TensorData } from '../weights/tensor-data.js';
import { TEXT_TOKENS, type DiffusionNetworks, type TextEncoderConfig } from './stable-diffusion.js';

const START = '<|startoftext|>';
const END = '<|endoftext|>';

/** One token a byte, alone and at the end of a word. */
function byteVocabulary(): string[] {
  const plain = (byte: number): boolean => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  // Bytes that do not print stand as the characters from 256 on: GPT-2's table.
  const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(plain(byte) ? byte : next++));
  return [...bytes, ...bytes.map((character) => `${character}</w>`), START, END];
}

function writeJson(folder: string, name: string, value: unknown): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), JSON.stringify(value, null, 2));
}

function writeTokenizer(folder: string): number {
  const vocabulary = byteVocabulary();
  writeJson(folder, 'vocab.json', Object.fromEntries(vocabulary.map((token, id) => [token, id])));
  writeFileSync(join(folder, 'merges.txt'), '#version: 0.2\n');
  const special = { bos_token: START, eos_token: END, unk_token: END, pad_token: END };
  writeJson(folder, 'special_tokens_map.json', special);
  writeJson(folder, 'tokenizer_config.json', { ...special, model_max_length: TEXT_TOKENS, tokenizer_class: 'CLIPTokenizer' });
  return vocabulary.length;
}

/** Every weight of a CLIP text encoder, by transformers' name. */
function textEncoderShapes(config: TextEncoderConfig, vocabulary: number): Map<string, number[]> {
  const { hidden_size: width, intermediate_size: inner } = config;
  const shapes = new Map<string, number[]>();
  const linear = (name: string, rows: number, columns: number): void => {
    shapes.set(`${name}.weight`, [rows, columns]);
    shapes.set(`${name}.bias`, [rows]);
  };
  const norm = (name: string): void => void shapes.set(`${name}.weight`, [width]).set(`${name}.bias`, [width]);
  shapes.set('text_model.embeddings.token_embedding.weight', [vocabulary, width]);
  shapes.set('text_model.embeddings.position_embedding.weight', [TEXT_TOKENS, width]);
  for (let i = 0; i < config.num_hidden_layers; i++) {
    const layer = `text_model.encoder.layers.${i}`;
    for (const part of ['q_proj', 'k_proj', 'v_proj', 'out_proj']) linear(`${layer}.self_attn.${part}`, width, width);
    linear(`${layer}.mlp.fc1`, inner, width);
    linear(`${layer}.mlp.fc2`, width, inner);
    norm(`${layer}.layer_norm1`);
    norm(`${layer}.layer_norm2`);
  }
  norm('text_model.final_layer_norm');
  return shapes;
}

async function writeTextEncoder(folder: string, config: TextEncoderConfig, vocabulary: number, seed: number): Promise<void> {
  const ids = { vocab_size: vocabulary, bos_token_id: vocabulary - 2, eos_token_id: vocabulary - 1, pad_token_id: vocabulary - 1 };
  writeJson(folder, 'config.json', { ...config, ...ids });
  const random = createRandom(seed);
  const tensors: Record<string, TensorData> = {};
  for (const [name, shape] of textEncoderShapes(config, vocabulary)) {
    const length = shape.reduce((product, side) => product * side, 1);
    const isScale = /norm\d?\.weight$/.test(name);
    tensors[name] = { dtype: 'F32', shape, data: Float32Array.from({ length }, () => (isScale ? 1 : 0.04 * (random.uniform() - 0.5))) };
  }
  await writeSafetensors(join(folder, 'model.safetensors'), tensors);
}

/** Writes the pipeline. Rejects with AbortError, ERR_IO. */
export async function writeRandomPipeline(folder: string, networks: DiffusionNetworks, seed: number, signal: AbortSignal): Promise<void> {
  const { unet, vae, scheduler, textEncoder } = networks;
  const weights = 'diffusion_pytorch_model.safetensors';
  writeJson(folder, 'model_index.json', {
    _class_name: 'StableDiffusionPipeline',
    scheduler: ['diffusers', 'PNDMScheduler'],
    text_encoder: ['transformers', 'CLIPTextModel'],
    tokenizer: ['transformers', 'CLIPTokenizer'],
    unet: ['diffusers', 'UNet2DConditionModel'],
    vae: ['diffusers', 'AutoencoderKL'],
  });
  writeJson(join(folder, 'scheduler'), 'scheduler_config.json', scheduler);
  writeJson(join(folder, 'unet'), 'config.json', unet);
  writeJson(join(folder, 'vae'), 'config.json', vae);
  await writeTextEncoder(join(folder, 'text_encoder'), textEncoder, writeTokenizer(join(folder, 'tokenizer')), seed);
  await callNative(signal, async (addon, token) => {
    await addon.unetRandomWeights(parseUnetConfig(unet, 'unet'), join(folder, 'unet', weights), seed, token);
    await addon.autoencoderKlRandomWeights(parseVaeConfig(vae, 'vae'), join(folder, 'vae', weights), seed, token);
  });
}
