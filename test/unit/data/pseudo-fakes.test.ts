import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { decodeImage } from '../../../ts/data/decode.js';
import { ImageLoader } from '../../../ts/data/loader.js';
import { cropImage, type Preprocessing } from '../../../ts/data/preprocess.js';
import {
  makePseudoFake,
  parsePseudoFakeKinds,
  planPseudoFake,
  PSEUDO_FAKE_KINDS,
} from '../../../ts/data/pseudo-fakes.js';
import type { ImageStep } from '../../../ts/native/image-steps.js';

const photo = (width: number, height: number): { width: number; height: number; data: Uint8Array } => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => 90 + ((i * 2654435761) >>> 27) + (Math.floor(i / 60) % 70)),
});
const target: Preprocessing = {
  inputSize: [3, 40, 40],
  interpolation: 'bicubic',
  cropPct: 1,
  cropMode: 'center',
  mean: [0.5, 0.5, 0.5],
};

const flattened = (steps: readonly ImageStep[]): ImageStep[] =>
  steps.flatMap((step) => (step.op === 'masked' ? [step, ...flattened(step.steps)] : [step]));

describe('planPseudoFake', () => {
  const plans = Array.from({ length: 2000 }, (_, seed) => planPseudoFake(photo(80, 60), seed));

  it('is a function of the seed', () => {
    assert.deepEqual(planPseudoFake(photo(80, 60), 9), plans[9]);
    assert.notDeepEqual(plans[9], plans[10]);
  });

  it('takes every kind, work scale and JPEG generation at its rate', () => {
    const share = (test: (plan: (typeof plans)[number]) => boolean): number => plans.filter(test).length / plans.length;
    for (const kind of PSEUDO_FAKE_KINDS) assert.ok(Math.abs(share((plan) => plan.kind === kind) - 0.25) < 0.04, kind);
    assert.ok(Math.abs(share(({ jpeg }) => jpeg !== null) - 0.5) < 0.05);
    const width = ({ steps: [first] }: (typeof plans)[number]): number => (first?.op === 'resize' ? first.width : 80);
    for (const [size, rate] of [[80, 0.5], [120, 0.25], [160, 0.25]] as const) {
      assert.ok(Math.abs(share((plan) => width(plan) === size) - rate) < 0.05, `${size}`);
    }
  });

  it('keeps to its ranges', () => {
    for (const step of plans.flatMap(({ steps }) => flattened(steps))) {
      if (step.op === 'sharpen') assert.ok(step.amount >= 0.3 && step.amount <= 1.5 && step.sigma >= 0.7);
      if (step.op === 'bilateral') assert.ok(step.tolerance >= 10 && step.tolerance <= 40);
      if (step.op === 'upsampling') assert.ok(step.keep >= 0 && step.keep <= 0.6 && step.levels.length <= 3);
      if (step.op === 'channels') for (const gain of step.gains) assert.ok(gain >= 0.9 && gain <= 1.1);
    }
  });

  it('doubles without changing the mean brightness', () => {
    const levels = plans.flatMap(({ steps }) => flattened(steps).flatMap((step) => ('levels' in step ? step.levels : [])));
    assert.ok(levels.length > 500);
    for (const { taps } of levels) assert.ok(Math.abs(taps.reduce((a, b) => a + b, 0) - 2) < 1e-9);
  });

  it('shrinks large photos to 512 pixels first', () => {
    const { steps } = planPseudoFake({ width: 2000, height: 1000 }, 3, ['upsample']);
    const last = steps.filter((step) => step.op === 'resize').at(-1)!;
    assert.deepEqual([last.width, last.height], [512, 256]);
  });
});

describe('makePseudoFake', () => {
  for (const kind of PSEUDO_FAKE_KINDS) {
    it(`${kind}: another picture of the same size and content, the same for the same seed`, async () => {
      const image = photo(80, 60);
      for (let seed = 0; seed < 12; seed++) {
        const [a, b] = await Promise.all([makePseudoFake(image, seed, [kind]), makePseudoFake(image, seed, [kind])]);
        assert.deepEqual(a, b);
        assert.deepEqual([a.width, a.height, a.data.length], [80, 60, 80 * 60 * 3]);
        const distance = a.data.reduce((sum, v, i) => sum + Math.abs(v - image.data[i]!), 0) / a.data.length;
        assert.ok(distance > 0.2 && distance < 30, `seed ${seed}: ${distance}`);
      }
    }).timeout(20_000);
  }

  it('takes an image of one pixel', async () => {
    for (let seed = 0; seed < 20; seed++) {
      assert.equal((await makePseudoFake({ width: 1, height: 1, data: new Uint8Array(3) }, seed)).data.length, 3);
    }
  });

  it('refuses what is no image, no seed, no kind', () => {
    assert.throws(() => makePseudoFake({ width: 3, height: 1, data: new Uint8Array(3) }, 1), TypeError);
    assert.throws(() => makePseudoFake(photo(8, 8), 2 ** 32), RangeError);
    assert.throws(() => makePseudoFake(photo(8, 8), 1, []), TypeError);
  });
});

describe('parsePseudoFakeKinds', () => {
  it('takes names by comma', () => {
    assert.deepEqual(parsePseudoFakeKinds('upsample, smooth'), ['smooth', 'upsample']);
    for (const bad of ['', 'upsample,upsample', 'swap', 'smooth,']) assert.throws(() => parsePseudoFakeKinds(bad), TypeError);
  });
});

describe('ImageLoader with pseudo-fakes', () => {
  it('shows the pseudo-fake of an item that has a seed, and the photo of one that has not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'deepcode-'));
    try {
      const path = join(folder, 'photo.png');
      await sharp(photo(80, 60).data, { raw: { width: 80, height: 60, channels: 3 } }).png().toFile(path);
      const image = await decodeImage(path);
      const item = { path, augmentSeed: null };
      const loader = new ImageLoader({ preprocessing: target, cacheMegabytes: 1, pseudoFakeKinds: ['upsample'] });
      const items = [{ ...item, label: 1, pseudoFakeSeed: 4 } as const, { ...item, label: 0, pseudoFakeSeed: null } as const];
      for await (const { images, labels } of loader.batches([items])) {
        assert.deepEqual([...labels], [1, 0]);
        const fake = await cropImage(await makePseudoFake(image, 4, ['upsample']), target);
        assert.deepEqual([...images], [...fake, ...(await cropImage(image, target))]);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
