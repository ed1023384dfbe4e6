/** A small synthesis for tests: little coloured pictures, the tiny pipeline, no networks that read faces. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import type { SynthesizeOptions } from '../../ts/synthesize/options.js';
import type { FinishedRecord, SynthesisRecord } from '../../ts/synthesize/record.js';

export const TINY_MODEL = join(__dirname, '..', 'parity', 'text_to_image', 'sd1');

/** Of one colour that `number` alone decides, with some structure in it. */
export async function writePhoto(path: string, number: number): Promise<void> {
  const side = 48;
  const data = Buffer.alloc(side * side * 3);
  for (let i = 0; i < data.length; i++) data[i] = (number * 37 + (i % 3) * 80 + Math.floor(i / 3 / side) * (number % 5)) % 256;
  await mkdir(dirname(path), { recursive: true });
  await sharp(data, { raw: { width: side, height: side, channels: 3 } }).png().toFile(path);
}

/** `count` photos, 000.png and so on. */
export async function writePhotos(folder: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await writePhoto(join(folder, `${String(i).padStart(3, '0')}.png`), i);
}

/** Every image is accepted, and only the tokenizer knows of faces. */
export const TINY_SYNTHESIS = {
  model: TINY_MODEL,
  attributes: 'none',
  threshold: 1e9,
  steps: 2,
  seed: 1,
  gramSize: 32,
  gramLayers: 'conv1_1,conv2_1',
  device: 'cpu',
  threads: 1,
} as const satisfies Partial<SynthesizeOptions>;

/** The lines of a manifest that are whole; none where there is no manifest yet. */
export function manifestOf(folder: string): SynthesisRecord[] {
  const path = join(folder, 'manifest.jsonl');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  return lines.map((line) => JSON.parse(line) as SynthesisRecord);
}

/** Those of images, by the names of their photos. */
export function imagesOf(folder: string): Record<string, FinishedRecord> {
  const finished = manifestOf(folder).filter((record): record is FinishedRecord => record.error === undefined);
  return Object.fromEntries(finished.map((record) => [record.name, record]));
}
