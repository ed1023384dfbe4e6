import assert from 'node:assert/strict';
import {
  applyAugmentation,
  AUGMENTATIONS,
  augmentationPolicy,
  augmentedCrop,
  type AugmentationPolicy,
  planAugmentation,
} from '../../../ts/data/augmentation.js';
import { cropImage, type Preprocessing } from '../../../ts/data/preprocess.js';

const target: Preprocessing = {
  inputSize: [3, 48, 48],
  interpolation: 'bicubic',
  cropPct: 0.9,
  cropMode: 'center',
  mean: [0.5, 0.5, 0.5],
};
const image = {
  width: 90,
  height: 70,
  data: Uint8Array.from({ length: 90 * 70 * 3 }, (_, i) => (i * 31 + (i >> 5)) % 256),
};

describe('planAugmentation', () => {
  it('is a function of the seed', () => {
    const plans = [1, 1, 2].map((seed) => planAugmentation(AUGMENTATIONS.strong, image, target, seed));
    assert.deepEqual(plans[0], plans[1]);
    assert.notDeepEqual(plans[0], plans[2]);
  });

  it('stays inside the image and its ranges, and makes every change at its rate', () => {
    const policy = AUGMENTATIONS.strong;
    const counts: Record<string, number> = {};
    const runs = 2000;
    for (let seed = 0; seed < runs; seed++) {
      const { steps, jpeg, ...plan } = planAugmentation(policy, image, target, seed);
      const box = plan.box!;
      assert.ok(box.left >= 0 && box.left < box.right && box.right <= image.width);
      assert.ok(box.top >= 0 && box.top < box.bottom && box.bottom <= image.height);
      for (const step of steps) counts[step.op] = (counts[step.op] ?? 0) + 1;
      if (jpeg) counts['jpeg'] = (counts['jpeg'] ?? 0) + 1;
      if (jpeg) assert.ok(jpeg.quality >= 35 && jpeg.quality <= 96);
      for (const step of steps) if (step.op === 'blur') assert.ok(step.sigma >= 0.3 && step.sigma <= 2.5);
    }
    const expected: Record<string, number> = { flip: 0.5, resize: 2 * 0.4, jpeg: 0.6 };
    for (const op of ['brightness', 'contrast', 'saturation', 'hue', 'blur', 'noise', 'sharpen', 'bands'] as const) {
      expected[op] = policy[op].probability;
    }
    for (const [op, rate] of Object.entries(expected)) {
      assert.ok(Math.abs((counts[op] ?? 0) / runs - rate) < 0.08, `${op}: ${counts[op]} of ${runs}, not ${rate}`);
    }
  });

  it('draws gains of bands around 1, clipped, for strong only', () => {
    const gainsOf = (policy: AugmentationPolicy): number[] =>
      Array.from({ length: 2000 }, (_, seed) => planAugmentation(policy, image, target, seed)).flatMap(({ steps }) =>
        steps.flatMap((step) => (step.op === 'bands' ? [...step.luma, step.chroma] : [])),
      );
    assert.deepEqual(gainsOf(AUGMENTATIONS.basic), []);
    const logs = gainsOf(AUGMENTATIONS.strong).map(Math.log);
    const mean = logs.reduce((a, b) => a + b, 0) / logs.length;
    const deviation = Math.sqrt(logs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / logs.length);
    assert.ok(Math.abs(mean) < 0.02 && Math.abs(deviation - 0.2) < 0.02, `${mean} ${deviation}`);
    const extreme = { ...AUGMENTATIONS.strong, bands: { probability: 1, deviation: 9, range: [-1.2, 0.9] } } as const;
    const [step] = planAugmentation(extreme, image, target, 1).steps.filter(({ op }) => op === 'bands');
    assert.ok(step?.op === 'bands');
    for (const gain of step.luma) assert.ok(gain >= Math.exp(-1.2) && gain <= Math.exp(0.9));
  });

  it('moves the crop by no more than the policy says', () => {
    const small = { ...target, inputSize: [3, 32, 32] as const, cropPct: 0.5 };
    const middles = (policy: AugmentationPolicy): number[] =>
      Array.from({ length: 400 }, (_, seed) => planAugmentation(policy, image, small, seed).box!).map(({ left, right }) => (left + right) / 2);
    const side = planAugmentation({ ...AUGMENTATIONS.light, scale: [1, 1], aspect: [0.99999, 1] }, image, small, 0).box!;
    const reach = AUGMENTATIONS.light.shift * (side.right - side.left) * 1.1;
    const off = middles(AUGMENTATIONS.light).map((middle) => Math.abs(middle - image.width / 2));
    assert.ok(Math.max(...off) <= reach && Math.max(...off) > reach / 2, `${Math.max(...off)} of ${reach}`);
    const anywhere = middles(AUGMENTATIONS.basic).map((middle) => Math.abs(middle - image.width / 2));
    assert.ok(Math.max(...anywhere) > 3 * reach, `${Math.max(...anywhere)}`);
  });

  it('crops nothing where a border keeps the whole image, and makes the other changes', () => {
    const whole: Preprocessing = { ...target, cropMode: 'border' };
    const plans = [0, 1, 2, 3].map((seed) => planAugmentation(AUGMENTATIONS.strong, image, whole, seed));
    assert.deepEqual(plans.map(({ box }) => box), [null, null, null, null]);
    const centred = [0, 1, 2, 3].map((seed) => planAugmentation(AUGMENTATIONS.strong, image, target, seed));
    assert.deepEqual(plans.map(({ steps }) => steps), centred.map(({ steps }) => steps));
  });

  it('takes an image of one pixel', () => {
    const plan = planAugmentation(AUGMENTATIONS.basic, { width: 1, height: 1, data: new Uint8Array(3) }, target, 5);
    assert.ok(plan.box!.right - plan.box!.left > 0);
  });
});

describe('applyAugmentation', () => {
  it('carries out flip, crop and JPEG', async () => {
    const box = { left: 10, top: 5, right: 58, bottom: 53 };
    const plain = await applyAugmentation(image, { box, steps: [], jpeg: null }, target);
    assert.deepEqual([...plain.subarray(0, 3)], [...image.data.subarray((5 * 90 + 10) * 3, (5 * 90 + 10) * 3 + 3)]);
    const flipped = await applyAugmentation(image, { box, steps: [{ op: 'flip' }], jpeg: null }, target);
    assert.deepEqual([...flipped.subarray(0, 3)], [...plain.subarray(47 * 3, 48 * 3)]);
    const jpeg = { quality: 20, chromaSubsampling: '4:2:0' } as const;
    const compressed = await applyAugmentation(image, { box, steps: [], jpeg }, target);
    assert.equal(compressed.length, plain.length);
    assert.notDeepEqual(compressed, plain);
  });

  it('gives the evaluation crop without a policy or a seed', async () => {
    const expected = await cropImage(image, target);
    assert.deepEqual(await augmentedCrop(image, target, undefined, 3), expected);
    assert.deepEqual(await augmentedCrop(image, target, AUGMENTATIONS.basic, null), expected);
  });

  describe('with the policy flip', () => {
    const SIDE = 16;
    const mirrored = (crop: Uint8Array): Uint8Array =>
      Uint8Array.from(crop, (_, i) => {
        const [row, column, channel] = [Math.floor(i / (3 * SIDE)), Math.floor(i / 3) % SIDE, i % 3];
        return crop[3 * (SIDE * row + SIDE - 1 - column) + channel]!;
      });

    for (const [width, height, cropMode] of [[32, 32, 'center'], [33, 32, 'center'], [43, 32, 'squash'], [64, 32, 'border']] as const) {
      it(`mirrors the evaluation crop of ${width} x ${height} (${cropMode}), and changes nothing else`, async () => {
        const middle = { ...target, inputSize: [3, SIDE, SIDE], cropPct: 0.5, cropMode } as const;
        const picture = { data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 251), width, height };
        const plain = await cropImage(picture, middle);
        const seen = new Set<string>();
        for (let seed = 0; seed < 16; seed++) {
          const crop = await augmentedCrop(picture, middle, AUGMENTATIONS.flip, seed);
          const same = (other: Uint8Array): boolean => Buffer.compare(crop, other) === 0;
          seen.add(same(plain) ? 'plain' : same(mirrored(plain)) ? 'mirrored' : 'other');
        }
        assert.deepEqual([...seen].sort(), ['mirrored', 'plain']);
      });
    }
  });
});

describe('augmentationPolicy', () => {
  it('knows none, flip, light, basic and strong', () => {
    assert.equal(augmentationPolicy('none'), undefined);
    for (const name of ['flip', 'light', 'basic', 'strong'] as const) {
      assert.equal(augmentationPolicy(name), AUGMENTATIONS[name]);
    }
    for (const name of ['heavy', 'constructor']) assert.throws(() => augmentationPolicy(name), TypeError);
  });
});
