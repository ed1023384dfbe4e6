/** VGG-19 at full size with random weights: the published ones are not at hand. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callNative } from '../../ts/native.js';

/** One file (40 MB) for the current suite, removed after it. Returns a function that gives its path. */
export function useRandomVgg19(seed: number): () => string {
  let folder = '';
  const path = (): string => join(folder, 'vgg19.safetensors');
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'deepcode-vgg19-'));
    await callNative(undefined, (addon, token) => addon.vgg19RandomWeights(path(), seed, token));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  return path;
}
