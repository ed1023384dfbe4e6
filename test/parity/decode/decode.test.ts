import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { decodeImage } from '../../../ts/data/decode.js';

const IMAGES = join(__dirname, 'images');

interface Expected {
  width: number;
  height: number;
  /** Deflated, then base64. */
  pixels: string;
}

const { images } = JSON.parse(readFileSync(join(__dirname, 'expected.json'), 'utf8')) as {
  images: Record<string, Expected>;
};

function largestDifference(actual: Uint8Array, expected: Uint8Array): number {
  assert.equal(actual.length, expected.length);
  return actual.reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected[i]!)), 0);
}

describe('decodeImage against Pillow', () => {
  it('has an expectation for every image', () => {
    assert.deepEqual(readdirSync(IMAGES).sort(), Object.keys(images).sort());
  });

  for (const [name, expected] of Object.entries(images)) {
    it(`gives the pixels of Pillow for ${name}`, async () => {
      const image = await decodeImage(join(IMAGES, name));
      assert.deepEqual([image.width, image.height], [expected.width, expected.height]);
      assert.equal(largestDifference(image.data, inflateSync(Buffer.from(expected.pixels, 'base64'))), 0);
    });
  }
});
