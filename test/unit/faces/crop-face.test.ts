import assert from 'node:assert/strict';
import { resampleImage } from '../../../ts/data/resample.js';
import type { RgbImage } from '../../../ts/data/rgb-image.js';
import { cropFace, cropMatrix, eyeAngle } from '../../../ts/faces/crop-face.js';
import { visibleArea, type DetectedFace } from '../../../ts/faces/detected-face.js';
import { letterbox } from '../../../ts/faces/letterbox.js';
import { callNative } from '../../../ts/native.js';
import type { Pixels } from '../../../ts/native/bindings.js';

/** Every pixel different: red counts columns, green rows. */
function gradient(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data.set([(i % width) * 4, Math.floor(i / width) * 4, 128], i * 3);
  return { width, height, data };
}

const IMAGE = gradient(40, 30);

function face(x: number, y: number, side: number, [rightEye, leftEye]: [[number, number], [number, number]]): DetectedFace {
  return { box: { x, y, width: side, height: side }, score: 1, landmarks: { rightEye, leftEye, nose: [x, y] } };
}
const LEVEL = face(10, 5, 20, [[15, 12], [25, 12]]);

function affine(image: RgbImage, matrix: number[], width: number, height: number): Promise<Pixels> {
  const { width: sourceWidth, height: sourceHeight } = image;
  return callNative(undefined, (addon) =>
    addon.imageAffineCrop(image.data, { sourceWidth, sourceHeight, width, height, matrix, fill: [9, 8, 7] }),
  );
}
const pixel = ({ width, data }: RgbImage, x: number, y: number): number[] => [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];

describe('imageAffineCrop', () => {
  it('copies the image under the identity', async () => {
    const { data } = await affine(IMAGE, [1, 0, 0, 0, 1, 0], 40, 30);
    assert.deepEqual([...data], [...IMAGE.data]);
  });

  it('moves, and fills what lies outside', async () => {
    const crop = await affine(IMAGE, [1, 0, -2, 0, 1, 5], 10, 30);
    assert.deepEqual(pixel(crop, 1, 0), [9, 8, 7]);
    assert.deepEqual(pixel(crop, 2, 0), pixel(IMAGE, 0, 5));
    assert.deepEqual(pixel(crop, 9, 24), pixel(IMAGE, 7, 29));
    assert.deepEqual(pixel(crop, 9, 25), [9, 8, 7]);
  });

  it('turns by a right angle', async () => {
    // The output's x runs down the image, its y to the left.
    const crop = await affine(IMAGE, [0, -1, 40, 1, 0, 0], 30, 40);
    for (const [x, y] of [[0, 0], [29, 0], [3, 39], [17, 20]] as const) {
      assert.deepEqual(pixel(crop, x, y), pixel(IMAGE, 39 - y, x));
    }
  });

  it('averages where it reduces, as a box filter does', async () => {
    const crop = await affine(IMAGE, [2, 0, 0, 0, 2, 0], 20, 15);
    const box = await resampleImage(IMAGE, { width: 20, height: 15, filter: 'box' });
    crop.data.forEach((value, i) => assert.ok(Math.abs(value - box.data[i]!) <= 1));
  });

  it('interpolates where it enlarges', async () => {
    const crop = await affine(IMAGE, [0.5, 0, 0, 0, 0.5, 0], 80, 60);
    assert.deepEqual(pixel(crop, 0, 0), pixel(IMAGE, 0, 0));
    assert.deepEqual(pixel(crop, 1, 1), [1, 1, 128]);
    assert.deepEqual(pixel(crop, 2, 2), [3, 3, 128]);
  });
});

describe('cropFace', () => {
  it('cuts the box out with its margin', async () => {
    const crop = await cropFace(IMAGE, LEVEL, { size: 20, margin: 0 });
    assert.deepEqual(pixel(crop, 0, 0), pixel(IMAGE, 10, 5));
    assert.deepEqual(pixel(crop, 19, 19), pixel(IMAGE, 29, 24));
    const wide = await cropFace(IMAGE, LEVEL, { size: 30, margin: 0.5 });
    assert.deepEqual(pixel(wide, 0, 0), pixel(IMAGE, 5, 0));
  });

  it('levels the eyes unless told not to', () => {
    const tilted = face(10, 5, 20, [[15, 10], [25, 20]]);
    assert.ok(Math.abs(eyeAngle(tilted) - Math.PI / 4) < 1e-12);
    const options = { size: 100, margin: 0.4, align: true };
    const [a, b, c, d, e, f] = cropMatrix(tilted, options) as [number, number, number, number, number, number];
    // Where the eyes come to lie in the crop: the inverse of the matrix.
    const place = ([x, y]: readonly [number, number]): [number, number] => {
      const determinant = a * e - b * d;
      return [(e * (x - c) - b * (y - f)) / determinant, (a * (y - f) - d * (x - c)) / determinant];
    };
    const [right, left] = [place(tilted.landmarks.rightEye as [number, number]), place(tilted.landmarks.leftEye as [number, number])];
    assert.ok(Math.abs(right[1] - left[1]) < 1e-9 && right[0] < left[0]);
    assert.deepEqual(place([20, 15]).map(Math.round), [50, 50]);
    assert.equal(cropMatrix(tilted, { ...options, align: false })[1], -0);
  });

  it('is black beyond the image', async () => {
    const crop = await cropFace(IMAGE, face(-10, -10, 20, [[0, 0], [5, 0]]), { size: 20, margin: 0 });
    assert.deepEqual(pixel(crop, 9, 9), [0, 0, 0]);
    assert.deepEqual(pixel(crop, 10, 10), pixel(IMAGE, 0, 0));
  });
});

describe('visibleArea', () => {
  it('counts what lies in the image', () => {
    const image = { width: 40, height: 30 };
    assert.equal(visibleArea(LEVEL, image), 400);
    assert.equal(visibleArea(face(-10, -10, 20, [[0, 0], [5, 0]]), image), 100);
    assert.equal(visibleArea(face(50, 5, 20, [[0, 0], [5, 0]]), image), 0);
  });
});

describe('letterbox', () => {
  for (const [width, height] of [[40, 30], [30, 40], [1000, 1], [1, 1000], [1, 1], [300, 300]] as const) {
    it(`maps points of ${width} x ${height} back`, async () => {
      const { data, toImage } = await letterbox(gradient(width, height), 64);
      assert.equal(data.length, 64 * 64 * 3);
      const [x, y] = toImage(0.5, 0.5);
      // Half a pixel of the square, in the image's, where the border is odd.
      assert.ok(Math.abs(x - width / 2) <= Math.max(width, height) / 128 + width / 2 && Math.abs(y - height / 2) <= Math.max(width, height) / 128 + height / 2);
      const [left, top] = toImage(width >= height ? 0 : 0.5, width >= height ? 0.5 : 0);
      assert.ok(Math.abs(width >= height ? left : top) < 1e-9);
    });
  }
});
