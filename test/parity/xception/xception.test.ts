import assert from 'node:assert/strict';
import { join } from 'node:path';
import { callNative } from '../../../ts/native.js';
import type { NativeDetector, NativeScores } from '../../../ts/native/detector.js';
import { assertClose, relativeError } from '../../support/closeness.js';
import { openXception } from '../../support/parity-xception.js';
import { floatsOf, readSafetensors, type StoredTensor } from '../../support/read-safetensors.js';
import { writeSafetensors } from '../../support/safetensors-file.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

type Tensors = Map<string, StoredTensor>;

const MODEL = readSafetensors(join(__dirname, 'model.safetensors'));
const EXPECTED = readSafetensors(join(__dirname, 'expected.safetensors'));
const IMAGES = EXPECTED.get('images')!;
const COUNT = IMAGES.shape[0]!;

const renamed = (rename: (name: string) => string): Tensors => new Map([...MODEL].map(([name, tensor]) => [rename(name), tensor]));
const without = (tensors: Tensors, pattern: RegExp): Tensors => new Map([...tensors].filter(([name]) => !pattern.test(name)));
const toClassifier = (name: string): string => name.replace(/^fc\./, 'last_linear.');

/** A convolution of 1 x 1 as a matrix, which is how Cadene's file has them. */
const asMatrices = (tensors: Tensors): Tensors =>
  new Map(
    [...tensors].map(([name, tensor]) => [
      name,
      name.endsWith('pointwise.weight') ? { ...tensor, shape: tensor.shape.slice(0, 2) } : tensor,
    ]),
  );

/** One that DeepfakeBench stores and does not use. */
const adjustment: Tensors = new Map([['backbone.adjust_channel.0.bias', { dtype: 'F32', shape: [1], data: new Uint8Array(4) }]]);

const LAYOUTS: Record<string, () => Tensors> = {
  "Cadene's: 1 x 1 convolutions as matrices, no counters of batches": () => asMatrices(without(MODEL, /num_batches_tracked$/)),
  "pretrained-models.pytorch's: last_linear": () => renamed(toClassifier),
  "DeepfakeBench's: in a backbone, with adjust_channel": () =>
    new Map([...renamed((name) => `backbone.${toClassifier(name)}`), ...adjustment]),
  "FaceForensics++'s: in a model, last_linear behind a dropout": () =>
    renamed((name) => `model.${name.replace(/^fc\./, 'last_linear.1.')}`),
  'of several GPUs: in a module': () => renamed((name) => `module.${name}`),
};

const forward = (network: NativeDetector, count = COUNT): Promise<NativeScores> => {
  const images = IMAGES.data.subarray(0, (IMAGES.data.length / COUNT) * count);
  return callNative(undefined, (_, token) => network.forward(images, count, token));
};

async function scoresOf(changes: Parameters<typeof openXception>[1] = {}): Promise<NativeScores> {
  const network = await openXception(__dirname, changes);
  const scores = await forward(network);
  network.dispose();
  return scores;
}

describe('Xception against timm', () => {
  const folder = useTemporaryFolder();
  const stored = (tensors: Tensors): string => {
    writeSafetensors(folder('model.safetensors'), tensors);
    return folder('model.safetensors');
  };
  const changed = (name: string, tensor: Partial<StoredTensor>): Tensors =>
    new Map([...MODEL, [name, { ...MODEL.get(name)!, ...tensor }]]);

  it('gives its features and logits', async () => {
    const { features, logits } = await scoresOf();
    assertClose(features, floatsOf(EXPECTED, 'features'), 1e-5);
    assertClose(logits, floatsOf(EXPECTED, 'logits'), 1e-5);
  });

  it('gives the same for one image alone as in a batch', async () => {
    const network = await openXception(__dirname, { batchSize: 1 });
    const { logits } = await forward(network, 1);
    network.dispose();
    assertClose(logits, floatsOf(EXPECTED, 'logits').subarray(0, 2), 1e-5);
  });

  it('is near to fp32 in bf16, and not equal', async () => {
    const error = relativeError((await scoresOf({ dtype: 'bf16' })).features, floatsOf(EXPECTED, 'features'));
    assert.ok(error > 1e-5 && error < 0.1, `relative error ${error}`);
  });

  for (const [name, layout] of Object.entries(LAYOUTS)) {
    it(`reads weights as ${name}`, async () => {
      const { logits } = await scoresOf({ weights: stored(layout()) });
      assertClose(logits, floatsOf(EXPECTED, 'logits'), 1e-5);
    });
  }

  for (const [direction, name] of [[1, 'fake'], [-1, 'real']] as const) {
    it(`gives the class activation map of hooks on timm, towards ${name}`, async () => {
      const network = await openXception(__dirname);
      const map = await callNative(undefined, (_, token) => network.heatmap(IMAGES.data, COUNT, direction, token));
      const { gridRows, gridColumns } = network;
      network.dispose();
      assert.deepEqual(EXPECTED.get(name)!.shape, [COUNT, gridRows, gridColumns]);
      // The positive part of a sum whose terms cancel: 1.1e-5 was measured on an AMD processor.
      assertClose(map, floatsOf(EXPECTED, name), 5e-5);
    });
  }

  it('refuses weights that lack a layer, have one too many, of another size, or not finite', async () => {
    const missing = stored(without(MODEL, /^block7\.rep\.1\.conv1/));
    await assert.rejects(openXception(__dirname, { weights: missing }), { code: 'ERR_WEIGHTS_MISSING', message: /block7\.rep\.1\.conv1/ });
    const surplus = stored(new Map([...MODEL, ['block13.skip.weight', MODEL.get('fc.weight')!]]));
    await assert.rejects(openXception(__dirname, { weights: surplus }), { code: 'ERR_WEIGHTS_UNEXPECTED', message: /block13/ });
    const { shape } = MODEL.get('conv2.weight')!;
    const turned = stored(changed('conv2.weight', { shape: [shape[0]! * 9, shape[1]!, 1, 1] }));
    await assert.rejects(openXception(__dirname, { weights: turned }), { code: 'ERR_WEIGHTS_SHAPE', message: /conv2\.weight/ });
    const { data } = MODEL.get('bn3.running_mean')!;
    const poisoned = Uint8Array.from(data).fill(0xff, 0, 4);
    const infinite = stored(changed('bn3.running_mean', { data: poisoned }));
    await assert.rejects(openXception(__dirname, { weights: infinite }), { code: 'ERR_WEIGHTS_NONFINITE', message: /bn3\.running_mean/ });
  });

  it('refuses a running variance below 0', async () => {
    const { data } = MODEL.get('block1.skipbn.running_var')!;
    const values = new Float32Array(data.slice().buffer);
    values[1] = -0.5;
    const weights = stored(changed('block1.skipbn.running_var', { data: new Uint8Array(values.buffer) }));
    await assert.rejects(openXception(__dirname, { weights }), { code: 'ERR_WEIGHTS_FORMAT', message: /block1\.skipbn/ });
  });
});
