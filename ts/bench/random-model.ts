/** The model that all sides run: a ViT of timm's with random weights, and random images. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTrainer } from '../detect/train/open-trainer.js';
import { TRAIN_OPTIONS, type ResolvedTrainOptions, type TrainOptions } from '../detect/train/options.js';
import { parseVitConfig, type VitConfig } from '../detect/vit-config.js';
import { createRandom } from '../metrics/random.js';
import { resolveOptions } from '../options.js';

const CLASSES = 2;

export function vitOf(architecture: string): VitConfig {
  return parseVitConfig({ architecture, num_classes: CLASSES }, architecture);
}

/** Options of `deepcode train` with some of them given. */
export function trainerOptions(given: TrainOptions): ResolvedTrainOptions {
  return resolveOptions(TRAIN_OPTIONS, given);
}

export interface RandomModel {
  /** model.safetensors */
  weights: string;
  images: string;
  /** Where more files may be put. */
  folder: string;
  dispose(): void;
}

async function writeWeights(architecture: string, folder: string): Promise<void> {
  const base = { folder: '', config: { architecture }, vit: vitOf(architecture), weights: null, adapter: null, digest: '' };
  const options = trainerOptions({ init: 'random', train: 'head' });
  const trainer = await openTrainer({ options, base, baseName: null, classWeights: [1, 1], device: 'cpu', dtype: 'fp32' });
  await trainer.exportWeights(folder);
  trainer.dispose();
}

function writeImages(path: string, bytes: number): void {
  const random = createRandom(1);
  writeFileSync(path, Uint8Array.from({ length: bytes }, () => random.below(256)));
}

/** Writes weights and images into a temporary folder. */
export async function writeRandomModel(architecture: string, batchSize: number): Promise<RandomModel> {
  const folder = mkdtempSync(join(tmpdir(), 'deepcode-bench-'));
  const dispose = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    await writeWeights(architecture, folder);
    const { options } = vitOf(architecture);
    const images = join(folder, 'images.bin');
    writeImages(images, batchSize * options.imageHeight * options.imageWidth * options.inChannels);
    return { weights: join(folder, 'model.safetensors'), images, folder, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}
