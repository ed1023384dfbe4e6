/** VGG-19 for a synthesis: with the user's weights, or with random ones. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeepcodeError } from '../errors.js';
import { GramComparer } from '../generate/gram/gram-comparer.js';
import { callNative } from '../native.js';
import type { RuntimeOptions } from '../runtime.js';
import type { GramWeights } from './config.js';
import type { SynthesisSettings } from './options.js';

/** Published nowhere; any would do, as long as it is the same in every run. */
const RANDOM_SEED = 19;

export interface GramCheck {
  comparer: GramComparer;
  weights: GramWeights;
}

type GramCheckOptions = RuntimeOptions & { settings: SynthesisSettings; signal: AbortSignal | undefined };

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new DeepcodeError('ERR_IO', `VGG-19's weights ${path.slice(-120)} cannot be read: ${code}.`, { cause: error });
  }
  return hash.digest('hex');
}

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
    return { comparer, weights: { kind, sha256: await digestOf(path) } };
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
