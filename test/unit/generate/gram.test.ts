import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { calibrateGram, calibrationPlot, type GramComparer, type GramResult } from '../../../ts/generate/gram/index.js';
import { parseLayers } from '../../../ts/generate/gram/layers.js';
import { DeepcodeError } from '../../../ts/errors.js';

describe('parseLayers', () => {
  it('puts layers into the order of the network and reads weights', () => {
    assert.deepEqual(parseLayers('conv5_4:0.25, conv1_2,conv3_4:1e-3'), [
      { name: 'conv1_2', weight: 1 },
      { name: 'conv3_4', weight: 0.001 },
      { name: 'conv5_4', weight: 0.25 },
    ]);
  });

  for (const text of ['', 'conv1_3', 'conv6_1', 'relu1_1', 'conv1_1,', 'conv1_1,conv1_1', 'conv1_1:', 'conv1_1:-1', 'conv1_1:x', 'conv1_1:1:2', 'conv1_1:Infinity']) {
    it(`refuses '${text}'`, () => assert.throws(() => parseLayers(text), { code: 'ERR_INVALID_ARG' }));
  }
});

/** Images are the number that their only byte is; distances are differences of numbers. */
const numbers = {
  grams: (image: Uint8Array) =>
    image[0] === 255 ? Promise.reject(new DeepcodeError('ERR_IMAGE', 'broken')) : Promise.resolve(Float32Array.of(image[0]!)),
  gramDistances: (gram: Float32Array, others: readonly Float32Array[]) =>
    Promise.resolve(others.map((other): GramResult => ({ distance: Math.abs(gram[0]! - other[0]!), layers: [] }))),
} as unknown as GramComparer;
const photos = (...values: number[]): Uint8Array[] => values.map((value) => Uint8Array.of(value));

describe('calibrateGram', () => {
  it('proposes a quantile of the distances of all pairs', async () => {
    const calibration = await calibrateGram(numbers, photos(0, 1, 3, 7));
    assert.deepEqual(calibration.distances, [1, 2, 3, 4, 6, 7]);
    assert.equal(calibration.threshold, 3.5);
    assert.equal((await calibrateGram(numbers, photos(0, 1, 3, 7), { quantile: 1 })).threshold, 7);
  });

  it('compares all pairs when there are more than are compared at once', async () => {
    const values = Array.from({ length: 130 }, (_, i) => i);
    const { distances, images } = await calibrateGram(numbers, photos(...values), { samples: 1000 });
    assert.equal(images, 130);
    assert.equal(distances.length, (130 * 129) / 2);
    assert.equal(distances.filter((distance) => distance === 1).length, 129);
    assert.equal(distances.at(-1), 129);
  });

  it('draws photos by a seed, each at most once', async () => {
    const all = photos(1, 2, 4, 8, 16, 32, 64, 128);
    const of = (seed: number) => calibrateGram(numbers, all, { samples: 4, seed });
    const first = await of(1);
    assert.equal(first.images, 4);
    assert.ok(first.distances[0]! > 0);
    assert.deepEqual(await of(1), first);
    const others = await Promise.all([2, 3, 4].map(of));
    assert.ok(others.some(({ distances }) => distances.join() !== first.distances.join()));
  });

  it('passes over photos that cannot be read, and needs two', async () => {
    const { failed, images } = await calibrateGram(numbers, photos(3, 255, 4));
    assert.equal(images, 2);
    assert.deepEqual(
      failed.map(({ error }) => error.code),
      ['ERR_IMAGE'],
    );
    await assert.rejects(calibrateGram(numbers, photos(3, 255)), { code: 'ERR_IMAGE', message: /at least 2 photos/ });
  });

  it('closes the streams that it did not draw, and hears their errors', async () => {
    const streams = [createReadStream('/nonexistent/a.png'), new Readable({ read: () => undefined })];
    await assert.rejects(calibrateGram(numbers, [...photos(255), ...streams], { samples: 2, signal: AbortSignal.abort() }));
    assert.deepEqual(streams.map(({ destroyed }) => destroyed), [true, true]);
    await sleep(20);
  });

  it('draws the threshold into the histogram', async () => {
    const svg = calibrationPlot(await calibrateGram(numbers, photos(0, 1, 3, 7)));
    assert.match(svg, /^<svg/);
    assert.match(svg, /threshold 3\.500 \(quantile 0\.5\)/);
    assert.match(svg, /6 pairs of 4 photos/);
  });
});
