import assert from 'node:assert/strict';
import { callNative } from '../../../ts/native.js';
import type { ImageStep } from '../../../ts/native/image-steps.js';
import type { RgbImage } from '../../../ts/data/rgb-image.js';

const levels = [{ taps: [0.25, 0.75, 0.75, 0.25] }, { taps: [1, 1] }];
const texture: Extract<ImageStep, { op: 'texture' }> = {
  op: 'texture',
  levels,
  grain: [0.2, 0.1],
  common: 0.5,
  noiseSigma: 2,
  detailSigma: 1,
  keep: 0.3,
  amount: 1,
  seed: 7,
};
const blob = { kind: 'random', cells: 4, seed: 5 } as const;

/** One of each, strong enough to change a busy picture. */
const STEPS: Record<string, ImageStep> = {
  sharpen: { op: 'sharpen', sigma: 1.2, amount: 1 },
  removeWeakDetail: { op: 'removeWeakDetail', sigma: 1.5, threshold: 6 },
  bilateral: { op: 'bilateral', sigma: 2, tolerance: 40 },
  'median of 3': { op: 'median', size: 3 },
  'median of 5': { op: 'median', size: 5 },
  bands: { op: 'bands', luma: [1.6, 0.5, 1.4, 0.7, 1.2], chroma: 0.5 },
  upsampling: { op: 'upsampling', levels, keep: 0.2 },
  texture,
  warp: { op: 'warp', matrix: [1.02, 0.01, 3.3, -0.01, 0.98, -2.2] },
  masked: { op: 'masked', mask: blob, steps: [{ op: 'median', size: 5 }] },
};

/** A gradient with a dark square and fixed noise. */
function busy(width = 61, height = 47): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const inside = x > 10 && x < 30 && y > 12 && y < 30;
    data[i] = 60 + 2 * x + 20 * (i % 3) - (inside ? 50 : 0) + ((i * 2654435761) >>> 28);
  }
  return { width, height, data };
}

const flat = (width: number, height: number, colour = [40, 130, 220]): RgbImage => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => colour[i % 3]!),
});

function apply({ width, height, data }: RgbImage, ...steps: ImageStep[]): Promise<RgbImage> {
  return callNative(undefined, (addon) =>
    addon.imageAugment(data, { sourceWidth: width, sourceHeight: height, steps }),
  );
}

const at = ({ width, data }: RgbImage, x: number, y: number): number[] => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

function meanDistance(a: RgbImage, b: RgbImage): number {
  return a.data.reduce((sum, value, i) => sum + Math.abs(value - b.data[i]!), 0) / a.data.length;
}

function luma({ data }: RgbImage): number[] {
  return Array.from({ length: data.length / 3 }, (_, i) => 0.299 * data[3 * i]! + 0.587 * data[3 * i + 1]! + 0.114 * data[3 * i + 2]!);
}

describe('image steps on fine detail', () => {
  for (const [name, step] of Object.entries(STEPS)) {
    it(`${name}: leaves a flat picture as it is`, async () => {
      assert.deepEqual((await apply(flat(33, 21), step)).data, Buffer.from(flat(33, 21).data));
    });

    it(`${name}: changes a busy one, the same way every time, and not its input`, async () => {
      const image = busy();
      const results = await Promise.all([apply(image, step), apply(image, step)]);
      assert.deepEqual(results[0], results[1]);
      assert.deepEqual([results[0].width, results[0].height], [image.width, image.height]);
      assert.deepEqual(image, busy());
      const distance = meanDistance(results[0], image);
      assert.ok(distance > 0.3 && distance < 40, `${distance}`);
    });

    it(`${name}: takes pictures of one pixel, one row, one column`, async () => {
      for (const [width, height] of [[1, 1], [5, 1], [1, 5]] as const) {
        assert.equal((await apply(busy(width, height), step)).data.length, width * height * 3);
      }
    });
  }

  it('median: of every neighbourhood', async () => {
    const image = busy();
    for (const size of [3, 5] as const) {
      const half = (size - 1) / 2;
      const result = await apply(image, { op: 'median', size });
      for (let y = half; y < image.height - half; y++) {
        for (let x = half; x < image.width - half; x++) {
          const around = Array.from({ length: size * size }, (_, i) =>
            at(image, x - half + (i % size), y - half + Math.floor(i / size)),
          );
          const expected = [0, 1, 2].map((c) => around.map((p) => p[c]!).sort((a, b) => a - b)[half * size + half]);
          assert.deepEqual(at(result, x, y), expected);
        }
      }
    }
  });

  it('bilateral: smooths what is faint and keeps edges', async () => {
    const image = flat(20, 8, [100, 100, 100]);
    for (let i = 0; i < image.data.length; i++) {
      const pixel = Math.floor(i / 3);
      image.data[i] = (pixel % 20 < 10 ? 50 : 200) + (((pixel % 20) + Math.floor(pixel / 20)) % 2 ? 3 : -3);
    }
    const result = await apply(image, { op: 'bilateral', sigma: 3, tolerance: 40 });
    const row = Array.from({ length: 20 }, (_, x) => at(result, x, 4)[0]!);
    row.forEach((value, x) => assert.ok(Math.abs(value - (x < 10 ? 50 : 200)) <= 1, row.join(' ')));
  });

  it('sharpen: steepens an edge from both sides', async () => {
    const image = flat(20, 6);
    for (let i = 0; i < image.data.length; i++) image.data[i] = Math.floor(i / 3) % 20 < 10 ? 80 : 160;
    const result = await apply(image, { op: 'sharpen', sigma: 1, amount: 0.5 });
    assert.ok(at(result, 9, 3)[0]! < 75 && at(result, 10, 3)[0]! > 165);
    assert.deepEqual([at(result, 0, 3)[0], at(result, 19, 3)[0]], [80, 160]);
  });

  it('bands: gains of 1 change nothing, gain 0 takes the detail away, chroma leaves the luma alone', async () => {
    const image = busy();
    const same = await apply(image, { op: 'bands', luma: [1, 1, 1, 1, 1], chroma: 1 });
    assert.deepEqual([...same.data], [...image.data]);
    const spread = (values: number[]): number => {
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
    };
    const smooth = await apply(image, { op: 'bands', luma: [0, 0, 0, 0, 0], chroma: 1 });
    const difference = luma(smooth).map((v, i) => v - luma(smooth)[i + 1]!).slice(0, image.width - 1);
    const before = luma(image).map((v, i) => v - luma(image)[i + 1]!).slice(0, image.width - 1);
    assert.ok(spread(difference) < spread(before) / 3);
    const grey = await apply(image, { op: 'bands', luma: [1, 1, 1, 1, 1], chroma: 0.2 });
    luma(grey).forEach((v, i) => assert.ok(Math.abs(v - luma(image)[i]!) <= 1));
  }).timeout(20_000);

  it('upsampling: nearest doubling of averages; all of the detail kept changes nothing', async () => {
    const image = busy(6, 4);
    const blocks = await apply(image, { op: 'upsampling', levels: [{ taps: [1, 1] }], keep: 0 });
    const mean = [0, 1].flatMap((y) => [0, 1].map((x) => at(image, x, y)[1]!)).reduce((a, b) => a + b) / 4;
    for (const [x, y] of [[0, 0], [1, 0], [0, 1], [1, 1]] as const) {
      assert.ok(Math.abs(at(blocks, x, y)[1]! - mean) <= 0.5);
    }
    const kept = await apply(busy(), { op: 'upsampling', levels, keep: 1 });
    assert.deepEqual([...kept.data], [...busy().data]);
  });

  it('upsampling: uneven taps draw a checkerboard on a flat picture', async () => {
    const board = { taps: [0.3, 0.75, 0.75, 0.2] };
    const drawn = await apply(flat(8, 8, [100, 100, 100]), { op: 'upsampling', levels: [board], keep: 0 });
    assert.deepEqual([at(drawn, 2, 2)[0], at(drawn, 3, 2)[0], at(drawn, 3, 3)[0]], [90, 100, 110]);
  });

  it('texture: keeps large forms, and depends on the seed', async () => {
    const [a, b] = await Promise.all([apply(busy(), texture), apply(busy(), { ...texture, seed: 8 })]);
    assert.notDeepEqual(a.data, b.data);
    const blurred = (image: RgbImage): Promise<RgbImage> => apply(image, { op: 'blur', kernelSize: 25, sigma: 4 });
    assert.ok(meanDistance(await blurred(a), await blurred(busy())) < 2);
  });

  it('warp: a whole shift moves pixels, the identity none', async () => {
    const image = busy();
    assert.deepEqual([...(await apply(image, { op: 'warp', matrix: [1, 0, 0, 0, 1, 0] })).data], [...image.data]);
    const moved = await apply(image, { op: 'warp', matrix: [1, 0, 3, 0, 1, -2] });
    assert.deepEqual(at(moved, 20, 20), at(image, 23, 18));
  });

  it('channels: gain and offset of each, clipped', async () => {
    const step: ImageStep = { op: 'channels', gains: [1.5, 1, 2], offsets: [0, -200, 10] };
    assert.deepEqual(at(await apply(flat(2, 2), step), 1, 1), [60, 0, 255]);
  });

  it('masked: an ellipse shows the change inside only, as far as it is opaque', async () => {
    const black: ImageStep = { op: 'brightness', factor: 0 };
    const ellipse = { centerX: 0.5, centerY: 0.5, radiusX: 0.3, radiusY: 0.3, steepness: 16 } as const;
    const show = (opacity: number): Promise<RgbImage> =>
      apply(flat(40, 40), { op: 'masked', mask: { kind: 'ellipse', ...ellipse, opacity }, steps: [black] });
    const [full, half] = [await show(1), await show(0.5)];
    assert.deepEqual(at(full, 0, 0), [40, 130, 220]);
    assert.deepEqual(at(full, 20, 20), [0, 0, 0]);
    assert.deepEqual(at(half, 20, 20), [20, 65, 110]);
  });

  it('masked: refuses steps that change the size', async () => {
    const smaller: ImageStep = { op: 'resize', width: 4, height: 4, filter: 'box' };
    await assert.rejects(apply(flat(8, 8), { op: 'masked', mask: blob, steps: [smaller] }), { code: 'ERR_INTERNAL' });
  });
});
