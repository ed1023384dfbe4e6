import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseXceptionConfig } from '../../../ts/detect/xception-config.js';
import { callNative } from '../../../ts/native.js';
import type {
  NativeFairDetectorOptions,
  NativeFairGradients,
  NativeFairPass,
} from '../../../ts/native/fair-detector.js';
import { assertClose } from '../../support/closeness.js';
import { openXception } from '../../support/parity-xception.js';
import { floatsOf, readSafetensors, type StoredTensor } from '../../support/read-safetensors.js';
import { writeSafetensors } from '../../support/safetensors-file.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

type Tensors = Map<string, StoredTensor>;

const SIDE = 64;
const COUNT = 4;
/** Of what is kept of a reconstructed image. */
const STEP = 8;
const IMAGES = readSafetensors(join(__dirname, 'images.safetensors')).get('images')!.data;
const PIXELS = Float32Array.from(IMAGES, (value) => value / 127.5 - 1);

const folderOf = (name: string): string => join(__dirname, name);
const fixture = (name: string, file: string): Tensors => readSafetensors(join(folderOf(name), `${file}.safetensors`));

function optionsOf(name: string): NativeFairDetectorOptions {
  const config: unknown = JSON.parse(readFileSync(join(folderOf(name), 'config.json'), 'utf8'));
  const { network } = parseXceptionConfig(config, 'config.json');
  if (network.kind !== 'fair') throw new Error('another network');
  return network.fair;
}

/** What each element counts in the sum that is differentiated: generate.py computes the same. */
function outputWeights({ specificClasses, groups }: NativeFairDetectorOptions): Record<string, Float32Array> {
  const features = specificClasses > 0 ? 4 : 8;
  const specific = specificClasses > 0 ? { specific_logits: specificClasses, specific_features: features } : {};
  const perImage = {
    common_logits: 2,
    common_features: features,
    ...specific,
    demographic_logits: groups,
    demographic_features: features,
    fused_logits: 2,
    fused_features: features,
    content: 8 * 2 * 2,
    self_reconstruction: 3 * SIDE * SIDE,
    cross_reconstruction: 3 * SIDE * SIDE,
  };
  const cosines = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.cos(i) / length);
  return Object.fromEntries(Object.entries(perImage).map(([name, size]) => [name, cosines(COUNT * size)]));
}

function differentiate(name: string, pass: Partial<NativeFairPass> = {}, pixels = PIXELS): Promise<NativeFairGradients> {
  const network = optionsOf(name);
  const whole = { network, weights: join(folderOf(name), 'model.safetensors'), mode: 'evaluate' as const, ...pass };
  return callNative(undefined, (addon, token) =>
    addon.fairDetectorDifferentiate(whole, pixels, pixels === PIXELS ? outputWeights(network) : {}, token),
  );
}

/** Every STEP-th pixel of every STEP-th row. */
function kept(name: string, values: Float32Array): Float32Array {
  if (!name.endsWith('reconstruction')) return values;
  return values.filter((_, i) => (i % SIDE) % STEP === 0 && Math.floor(i / SIDE) % STEP === 0);
}

/** Every tensor of a kind against the fixture; both have the same ones. */
function compare(kind: keyof NativeFairGradients, actual: NativeFairGradients, expected: Tensors): void {
  const start = `${kind}.`;
  const names = [...expected.keys()].filter((name) => name.startsWith(start)).map((name) => name.slice(start.length));
  const read = names.filter((name) => !/last_linear|block_fused/.test(name));
  assert.deepEqual(Object.keys(actual[kind]).sort(), read.sort());
  const scale = Math.max(...read.map((name) => Math.max(...floatsOf(expected, start + name).map(Math.abs))));
  for (const name of read) {
    const wanted = floatsOf(expected, start + name);
    const got = kept(name, actual[kind][name]!);
    // Where a gradient is 0 but for rounding, there is nothing that it could be relative to.
    if (Math.max(...wanted.map(Math.abs)) > 1e-6 * scale) assertClose(got, wanted, 1e-4);
    else assert.ok(Math.max(...got.map(Math.abs)) < 1e-5 * scale, `${name} is not 0`);
  }
}

describe('the disentangled detector against its authors', () => {
  const folder = useTemporaryFolder();

  for (const name of ['methods', 'one-method']) {
    it(`gives every head, feature, reconstruction and gradient in evaluation mode: ${name}`, async () => {
      const actual = await differentiate(name);
      const expected = fixture(name, 'evaluate');
      compare('outputs', actual, expected);
      compare('gradients', actual, expected);
    });

    it(`does so in training mode, and moves the running statistics: ${name}`, async () => {
      const actual = await differentiate(name, { mode: 'update' });
      const expected = fixture(name, 'update');
      compare('outputs', actual, expected);
      compare('gradients', actual, expected);
      compare('buffers', actual, expected);
    });

    it(`scores as the fused head, from one encoder: ${name}`, async () => {
      const network = await openXception(folderOf(name));
      const plane = SIDE * SIDE;
      const interleaved = Uint8Array.from(IMAGES, (_, i) => {
        const [image, pixel, channel] = [Math.floor(i / (3 * plane)), Math.floor((i % (3 * plane)) / 3), i % 3];
        return IMAGES[(image * 3 + channel) * plane + pixel]!;
      });
      const scores = await callNative(undefined, (_, token) => network.forward(interleaved, COUNT, token));
      network.dispose();
      const expected = fixture(name, 'evaluate');
      assertClose(scores.logits, floatsOf(expected, 'outputs.fused_logits'), 1e-4);
      assertClose(scores.features, floatsOf(expected, 'outputs.fused_features'), 1e-4);
    });
  }

  it('keeps the running statistics in the second pass of SAM', async () => {
    const actual = await differentiate('methods', { mode: 'keep' });
    compare('outputs', actual, fixture('methods', 'update'));
    const stored = readSafetensors(join(folderOf('methods'), 'model.safetensors'));
    for (const [name, values] of Object.entries(actual.buffers)) assert.deepEqual(values, floatsOf(stored, name));
  });

  it('normalises by the running statistics while training with frozen ones', async () => {
    const actual = await differentiate('methods', { mode: 'running' });
    compare('outputs', actual, fixture('methods', 'evaluate'));
    compare('gradients', actual, fixture('methods', 'evaluate'));
  });

  it('scores with a file that holds the predicting part only', async () => {
    const whole = readSafetensors(join(folderOf('methods'), 'model.safetensors'));
    const part = new Map([...whole].filter(([name]) => /^(encoder_f|block_sha|head_fused)\./.test(name)));
    writeSafetensors(folder('model.safetensors'), part);
    const network = await openXception(folderOf('methods'), { weights: folder('model.safetensors') });
    assert.ok(network.parameterCount > 0);
    network.dispose();
    await assert.rejects(differentiate('methods', { weights: folder('model.safetensors') }), { code: 'ERR_WEIGHTS_MISSING' });
  });

  it('refuses weights of another number of groups, and images that do not pair', async () => {
    const network = { ...optionsOf('methods'), groups: 5 };
    await assert.rejects(differentiate('methods', { network }), { code: 'ERR_WEIGHTS_SHAPE', message: /head_fair\.mlp\.2/ });
    const three = PIXELS.slice(0, (PIXELS.length / COUNT) * 3);
    await assert.rejects(differentiate('methods', {}, three), { code: 'ERR_SHAPE' });
  });

  it('stops when it is aborted', async () => {
    const controller = new AbortController();
    const whole = { network: optionsOf('methods'), weights: join(folderOf('methods'), 'model.safetensors'), mode: 'update' as const };
    const call = callNative(controller.signal, (addon, token) => addon.fairDetectorDifferentiate(whole, PIXELS, {}, token));
    controller.abort();
    await assert.rejects(call, { name: 'AbortError' });
  });
});
