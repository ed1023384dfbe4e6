/** The network of the parity fixtures, opened through the addon. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseAdapterConfig, resolveAdapter, type AdapterConfig } from '../../ts/detect/adapter-config.js';
import { parseVitConfig, type VitConfig } from '../../ts/detect/vit-config.js';
import { callNative } from '../../ts/native.js';
import type { NativeAdapterOptions, NativeDetector } from '../../ts/native/detector.js';
import type { NativeTrainer, NativeTrainerSpec } from '../../ts/native/trainer.js';

const parsed = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

export function vitConfigOf(folder: string, numClasses?: number): VitConfig {
  return parseVitConfig(parsed(join(folder, 'config.json')), 'config.json', { numClasses });
}

export function adapterConfigOf(folder: string): AdapterConfig {
  return parseAdapterConfig(parsed(join(folder, 'adapter_config.json')), join(basename(folder), 'adapter_config.json'));
}

export function adapterOptionsOf(base: string, adapter: string): NativeAdapterOptions {
  return resolveAdapter(adapterConfigOf(adapter), vitConfigOf(base).options, 'adapter_config.json');
}

export interface DetectorPlace {
  base: string;
  device: string;
  dtype: 'fp32' | 'bf16' | 'fp16';
  /** Default: what config.json says. */
  numClasses?: number;
}

/** @param place a folder for the processor and fp32, or what it says */
export function openDetector(place: string | DetectorPlace, ...adapters: string[]): Promise<NativeDetector> {
  const { base, device, dtype, numClasses }: DetectorPlace =
    typeof place === 'string' ? { base: place, device: 'cpu', dtype: 'fp32' } : place;
  const { options, preprocessing } = vitConfigOf(base, numClasses);
  return callNative(undefined, (addon, token) =>
    addon.detectorLoad(
      {
        network: {
          kind: 'vit',
          vit: options,
          adapters: adapters.map((folder) => ({
            ...adapterOptionsOf(base, folder),
            weights: join(folder, 'adapter_model.safetensors'),
          })),
        },
        weights: join(base, 'model.safetensors'),
        numLogits: 2,
        mean: preprocessing.mean,
        std: preprocessing.std,
        device,
        dtype,
        batchSize: 4,
        flipAverage: false,
      },
      token,
    ),
  );
}

/** A trainer of every weight by cross-entropy and Adam, but for `changes`. */
export function openTrainer(base: string, changes: Partial<NativeTrainerSpec> = {}): Promise<NativeTrainer> {
  const { options, preprocessing } = vitConfigOf(base);
  const spec: NativeTrainerSpec = {
    vit: options,
    weights: join(base, 'model.safetensors'),
    newHead: false,
    adapter: null,
    adapterWeights: null,
    trainable: 'all',
    freezeHead: false,
    numLogits: 2,
    dropPath: 0,
    cutMix: 0,
    flipAverage: false,
    mean: preprocessing.mean,
    std: preprocessing.std,
    loss: PLAIN_LOSS,
    optimizer: PLAIN_ADAM,
    seed: 1,
    device: 'cpu',
    dtype: 'fp32',
    ...changes,
  };
  return callNative(undefined, (addon, token) => addon.trainerCreate(spec, token));
}

export const PLAIN_LOSS: NativeTrainerSpec['loss'] = {
  classWeights: [1, 1],
  labelSmoothing: 0,
  sclWeight: 0,
  sclMargin: 0,
  sclDistance: 'euclidean',
  sclScaledMargin: false,
  fairness: null,
};

export const PLAIN_ADAM: NativeTrainerSpec['optimizer'] = {
  name: 'adam',
  momentum: 0,
  weightDecay: 0,
  clipGradNorm: 0,
  samRho: 0,
};

/** Logits of `count` images, row by row. */
export async function logitsOf(
  network: Pick<NativeDetector | NativeTrainer, 'forward'>,
  images: Uint8Array,
  count: number,
): Promise<Float32Array> {
  const { logits } = await callNative(undefined, (_, token) => network.forward(images, count, token));
  return logits;
}
