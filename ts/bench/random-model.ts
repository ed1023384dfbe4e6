/** The model that all sides run: a ViT of timm's with random weights, and random images. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTrainer } from '../detect/train/open-trainer.js';
import { TRAIN_OPTIONS, type ResolvedTrainOptions, type TrainOptions } from '../detect/train/options.js';
import type { DetectorPreprocessing } from '../detect/detector-json.js';
import { parseVitConfig, type VitConfig } from '../detect/vit-config.js';
import { isXceptionConfig, parseXceptionConfig } from '../detect/xception-config.js';
import { createRandom } from '../metrics/random.js';
import { callNative } from '../native.js';
import type { NativeDetectorNetwork } from '../native/detector.js';
import { resolveOptions } from '../options.js';

const CLASSES = 2;

const configOf = (architecture: string) => ({ architecture, num_classes: CLASSES });

export function vitOf(architecture: string): VitConfig {
  return parseVitConfig(configOf(architecture), architecture);
}

/** The network of any architecture of a detector, and how its images are prepared. */
export function networkOf(architecture: string): { network: NativeDetectorNetwork; preprocessing: DetectorPreprocessing } {
  const config = configOf(architecture);
  if (isXceptionConfig(config)) return parseXceptionConfig(config, architecture);
  const { options: vit, preprocessing } = vitOf(architecture);
  return { network: { kind: 'vit', vit, adapters: [] }, preprocessing };
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
  const { network } = networkOf(architecture);
  if (network.kind === 'xception') {
    const file = join(folder, 'model.safetensors');
    return callNative(undefined, (addon, token) => addon.xceptionRandomWeights(network.xception, file, 1, token));
  }
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
    const [channels, height, width] = networkOf(architecture).preprocessing.inputSize;
    const images = join(folder, 'images.bin');
    writeImages(images, batchSize * channels * height * width);
    return { weights: join(folder, 'model.safetensors'), images, folder, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}
