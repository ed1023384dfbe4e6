import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSafetyCheckerConfig } from '../../../ts/generate/config/clip-config.js';
import { parseClipPreprocessor } from '../../../ts/generate/config/clip-preprocessor.js';
import { safetyCrop } from '../../../ts/generate/safety-image.js';
import { callNative } from '../../../ts/native.js';
import type { NativeSafetyChecker } from '../../../ts/native/clip.js';
import { assertClose } from '../../support/closeness.js';
import { floatsOf, readSafetensors } from '../../support/read-safetensors.js';

const json = (name: string): unknown => JSON.parse(readFileSync(join(__dirname, name), 'utf8'));
const options = parseSafetyCheckerConfig(json('config.json'), 'config.json');
const preprocessing = parseClipPreprocessor(json('preprocessor_config.json'), options.vision.imageSize, 'preprocessor');
const tensors = readSafetensors(join(__dirname, 'expected.safetensors'));
const COUNT = tensors.get('flags')!.shape[0]!;

function load(): Promise<NativeSafetyChecker> {
  const { mean, std } = preprocessing;
  const weights = join(__dirname, 'model.safetensors');
  const spec = { safetyChecker: options, weights, mean, std, device: 'cpu', dtype: 'fp32' as const };
  return callNative(undefined, (addon, token) => addon.safetyCheckerLoad(spec, token));
}

/** Row by row, whether any value is over 0. */
const anyOver0 = (values: Float32Array, width: number): boolean[] =>
  Array.from({ length: values.length / width }, (_, i) =>
    values.subarray(i * width, (i + 1) * width).some((v) => v > 0),
  );

describe('the safety checker against diffusers', () => {
  for (const name of ['wide', 'tall']) {
    it(`cuts images as CLIPImageProcessor does: ${name}`, async () => {
      const { data, shape } = tensors.get(name)!;
      const [count, height, width] = shape as [number, number, number];
      const { data: crops } = tensors.get(`${name}_crops`)!;
      const size = data.length / count;
      for (let i = 0; i < count; i++) {
        const crop = await safetyCrop({ width, height, data: data.slice(i * size, (i + 1) * size) }, preprocessing);
        assert.deepEqual([...crop], [...crops.subarray(i * crop.length, (i + 1) * crop.length)]);
      }
    });
  }

  it('gives its embeddings, scores and flags', async () => {
    const checker = await load();
    const { data } = tensors.get('wide_crops')!;
    const { embeds, concepts, specialCares } = await callNative(undefined, (_, token) =>
      checker.check(data, COUNT, token),
    );
    assertClose(embeds, floatsOf(tensors, 'embeds'), 1e-5);
    const found = anyOver0(specialCares, options.specialCares);
    const raw = floatsOf(tensors, 'concepts_raw').map(
      (v, i) => v + (found[Math.floor(i / options.concepts)] ? 0.01 : 0),
    );
    assert.ok(
      concepts.every((value, i) => Math.abs(value - raw[i]!) <= 0.00051),
      'a score is not the rounded one',
    );
    const flags = anyOver0(concepts, options.concepts);
    assert.deepEqual(flags, [...tensors.get('flags')!.data].map(Boolean));
    const withoutCare = anyOver0(floatsOf(tensors, 'concepts_raw'), options.concepts);
    assert.ok(
      flags.some((flag, i) => flag && !withoutCare[i]),
      'no image is flagged through a special care',
    );
    assert.ok(flags.includes(false));
    checker.dispose();
  });

  it('gives one image the same scores alone as in a batch', async () => {
    const checker = await load();
    const { data } = tensors.get('wide_crops')!;
    const check = (images: Uint8Array, count: number) =>
      callNative(undefined, (_, token) => checker.check(images, count, token));
    const all = await check(data, COUNT);
    const one = await check(data.slice((data.length / COUNT) * 2, (data.length / COUNT) * 3), 1);
    assertClose(one.concepts, all.concepts.subarray(options.concepts * 2, options.concepts * 3), 1e-4);
    checker.dispose();
  });

  it('refuses a byte count that is not its images', async () => {
    const checker = await load();
    const check = callNative(undefined, (_, token) => checker.check(new Uint8Array(5), 1, token));
    await assert.rejects(check, RangeError);
    checker.dispose();
  });
});
