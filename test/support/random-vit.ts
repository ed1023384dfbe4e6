/**
 * A timm folder (config.json + model.safetensors) with seeded random weights, written without the code
 * under test: tests of loading would otherwise check the writer against itself.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RandomVitOptions {
  embedDim?: number;
  depth?: number;
  numHeads?: number;
  patchSize?: number;
  imageSize?: number;
  numClasses?: number;
  seed?: number;
}

/** mulberry32: enough for weights whose values do not matter. */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function shapesOf(o: Required<RandomVitOptions>): Record<string, number[]> {
  const d = o.embedDim;
  const shapes: Record<string, number[]> = {
    cls_token: [1, 1, d],
    pos_embed: [1, (o.imageSize / o.patchSize) ** 2 + 1, d],
    'patch_embed.proj.weight': [d, 3, o.patchSize, o.patchSize],
    'patch_embed.proj.bias': [d],
    'norm.weight': [d],
    'norm.bias': [d],
    'head.weight': [o.numClasses, d],
    'head.bias': [o.numClasses],
  };
  for (let i = 0; i < o.depth; i++) {
    const block = {
      'norm1.weight': [d], 'norm1.bias': [d], 'norm2.weight': [d], 'norm2.bias': [d],
      'attn.qkv.weight': [3 * d, d], 'attn.qkv.bias': [3 * d],
      'attn.proj.weight': [d, d], 'attn.proj.bias': [d],
      'mlp.fc1.weight': [4 * d, d], 'mlp.fc1.bias': [4 * d],
      'mlp.fc2.weight': [d, 4 * d], 'mlp.fc2.bias': [d],
    };
    for (const [name, shape] of Object.entries(block)) shapes[`blocks.${i}.${name}`] = shape;
  }
  return shapes;
}

function valuesOf(name: string, count: number, random: () => number): Float32Array {
  if (/norm\d?\.weight$/.test(name)) return new Float32Array(count).fill(1);
  return Float32Array.from({ length: count }, () => (random() - 0.5) * 0.12);
}

function safetensors(tensors: [string, number[], Float32Array][]): Buffer {
  let offset = 0;
  const header: Record<string, unknown> = {};
  for (const [name, shape, values] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  const text = JSON.stringify(header);
  const padded = text.padEnd(Math.ceil(text.length / 8) * 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const data = tensors.map(([, , v]) => Buffer.from(v.buffer, v.byteOffset, v.byteLength));
  return Buffer.concat([length, Buffer.from(padded), ...data]);
}

/** Writes the folder and returns its path. Defaults: dim 32, depth 2, 2 heads, patch 16, 64 px, 2 classes. */
export function writeRandomVit(directory: string, options: RandomVitOptions = {}): string {
  const o = { embedDim: 32, depth: 2, numHeads: 2, patchSize: 16, imageSize: 64, numClasses: 2, seed: 1, ...options };
  const random = uniform(o.seed);
  const tensors = Object.entries(shapesOf(o)).map(([name, shape]): [string, number[], Float32Array] => [
    name,
    shape,
    valuesOf(name, shape.reduce((a, b) => a * b, 1), random),
  ]);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'model.safetensors'), safetensors(tensors));
  const config = {
    architecture: 'vit_tiny_patch16_224',
    num_classes: o.numClasses,
    model_args: { img_size: o.imageSize, patch_size: o.patchSize, embed_dim: o.embedDim, depth: o.depth, num_heads: o.numHeads },
    pretrained_cfg: {
      input_size: [3, o.imageSize, o.imageSize], interpolation: 'bicubic', crop_pct: 0.9, crop_mode: 'center',
      mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5],
    },
  };
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config, null, 2));
  return directory;
}
