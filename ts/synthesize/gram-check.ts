/** VGG-19 for a synthesis: with the user's weights, or with random ones. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GramComparer } from '../generate/gram/gram-comparer.js';
import { callNative } from '../native.js';
import type { RuntimeOptions } from '../runtime.js';
import { digestFiles } from '../weights/digest-files.js';
import type { GramWeights } from './config.js';
import type { SynthesisSettings } from './options.js';

/** Published nowhere; any would do, as long as it is the same in every run. */
const RANDOM_SEED = 19;

export interface GramCheck {
  comparer: GramComparer;
  weights: GramWeights;
}

type GramCheckOptions = RuntimeOptions & { settings: SynthesisSettings; signal: AbortSignal | undefined };

async function load(path: string, kind: GramWeights['kind'], { settings, signal, ...runtime }: GramCheckOptions): Promise<GramCheck> {
  const comparer = await GramComparer.load(path, {
    layers: settings.gramLayers,
    distance: settings.gramDistance,
    features: settings.gramFeatures,
    unnormalized: settings.gramUnnormalized,
    size: settings.gramSize,
    signal,
    ...runtime,
    // A threshold must mean the same on every device.
    dtype: 'fp32',
  });
  try {
    return { comparer, weights: { kind, sha256: await digestFiles([path], "VGG-19's weights", signal) } };
  } catch (error) {
    comparer.dispose();
    throw error;
  }
}

/**
 * Loads VGG-19. Without weights, a file of random ones is made, read and removed.
 *
 * Rejects as `GramComparer.load` does.
 */
export async function openGramCheck(options: GramCheckOptions): Promise<GramCheck> {
  const { vgg } = options.settings;
  if (vgg !== undefined) return load(vgg, 'given', options);
  const folder = await mkdtemp(join(tmpdir(), 'deepcode-vgg19-'));
  try {
    const path = join(folder, 'vgg19.safetensors');
    await callNative(options.signal, (addon, token) => addon.vgg19RandomWeights(path, RANDOM_SEED, token));
    return await load(path, 'random', options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
