import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseVitConfig, type VitConfig } from '../../../ts/detect/vit-config.js';
import { callNative } from '../../../ts/native.js';
import type { NativeDetector, NativeDetectorSpec } from '../../../ts/native/detector.js';
import { assertClose, relativeError } from '../../support/closeness.js';
import { floatsOf, readSafetensors } from '../../support/read-safetensors.js';

const CASES = [
  'class-token',
  'registers-average',
  'pre-norm',
  'distilled',
  'layer-scale',
  'average-max',
  'no-positions',
  'gelu-tanh',
  'resampled',
  'stem-average',
  'stem-class-token',
];

function readConfig(name: string): VitConfig {
  return parseVitConfig(JSON.parse(readFileSync(join(__dirname, name, 'config.json'), 'utf8')), 'config.json');
}

function load(name: string, changes: Partial<NativeDetectorSpec> = {}): Promise<NativeDetector> {
  const { options, preprocessing } = readConfig(name);
  const spec: NativeDetectorSpec = {
    network: { kind: 'vit', vit: options, adapters: [] },
    weights: join(__dirname, name, 'model.safetensors'),
    numLogits: options.numClasses,
    mean: preprocessing.mean,
    std: preprocessing.std,
    device: 'cpu',
    dtype: 'fp32',
    batchSize: 4,
    flipAverage: false,
    ...changes,
  };
  return callNative(undefined, (addon, token) => addon.detectorLoad(spec, token));
}

function expectedOf(name: string) {
  const tensors = readSafetensors(join(__dirname, name, 'expected.safetensors'));
  const images = tensors.get('images')!;
  return { images: images.data, count: images.shape[0]!, logits: floatsOf(tensors, 'logits'), features: floatsOf(tensors, 'features') };
}

describe('ViT against timm', () => {
  for (const name of CASES) {
    it(`gives timm's logits and features: ${name}`, async () => {
      const { images, count, logits, features } = expectedOf(name);
      const detector = await load(name);
      const scores = await callNative(undefined, (_, token) => detector.forward(images, count, token));
      assertClose(scores.logits, logits, 1e-5);
      assertClose(scores.features, features, 1e-5);
      detector.dispose();
    });
  }

  it('gives one image the same result alone as in a batch', async () => {
    const { images, count, logits } = expectedOf('class-token');
    const detector = await load('class-token');
    const one = images.length / count;
    for (let i = 0; i < count; i++) {
      const scores = await callNative(undefined, (_, token) => detector.forward(images.subarray(i * one, (i + 1) * one), 1, token));
      assertClose(scores.logits, logits.subarray(i * 5, i * 5 + 5), 1e-5);
    }
    detector.dispose();
  });

  it('reads the first logits only, where asked to', async () => {
    const { images, count, logits } = expectedOf('class-token');
    const detector = await load('class-token', { numLogits: 2 });
    const scores = await callNative(undefined, (_, token) => detector.forward(images, count, token));
    const firstTwo = Array.from({ length: count }, (_, i) => [...logits.subarray(i * 5, i * 5 + 2)]).flat();
    assertClose(scores.logits, firstTwo, 1e-5);
    detector.dispose();
  });

  it('is near to fp32 in bf16, and not equal', async () => {
    const { images, count, logits } = expectedOf('class-token');
    const detector = await load('class-token', { dtype: 'bf16' });
    const scores = await callNative(undefined, (_, token) => detector.forward(images, count, token));
    const error = relativeError(scores.logits, logits);
    assert.ok(error > 1e-5 && error < 0.05, `relative error ${error}`);
    detector.dispose();
  });
});
