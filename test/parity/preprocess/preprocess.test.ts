import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cropImage, prepareImage, type Preprocessing } from '../../../ts/data/preprocess.js';
import { sharedPath } from '../../support/shared.js';

interface Expected {
  mean: [number, number, number];
  configs: Omit<Preprocessing, 'mean'>[];
  photos: Record<string, string[]>;
  gradients: { size: [number, number]; hashes: string[] }[];
}

const expected = JSON.parse(readFileSync(join(__dirname, 'expected.json'), 'utf8')) as Expected;
const preprocessings: Preprocessing[] = expected.configs.map((config) => ({ ...config, mean: expected.mean }));
const samples = join(__dirname, '../../data');

const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** Equal hashes: not one grey level of difference on any pixel. */
async function assertPhoto(path: string, hashes: readonly string[]): Promise<void> {
  for (const [i, preprocessing] of preprocessings.entries()) {
    assert.equal(sha256(await prepareImage(path, preprocessing)), hashes[i], JSON.stringify(preprocessing));
  }
}

describe('prepareImage against timm', () => {
  for (const [name, hashes] of Object.entries(expected.photos)) {
    it(`gives the crops of timm for ${name}`, async function () {
      const path = name.startsWith('samples/') ? join(samples, name) : sharedPath(join('data', name));
      // Only the samples ship with the repository.
      if (path === undefined) return this.skip();
      await assertPhoto(path, hashes);
    });
  }

  it('covers at least 20 real photos', () => {
    assert.ok(Object.keys(expected.photos).length >= 20);
  });
});

describe('cropImage against timm', () => {
  for (const { size, hashes } of expected.gradients) {
    const [width, height] = size;
    it(`gives the crops of timm for an image of ${width} x ${height}`, async () => {
      const data = new Uint8Array(width * height * 3);
      for (let i = 0; i < width * height; i++) {
        const [x, y] = [i % width, Math.floor(i / width)];
        data.set([(x * 7) % 256, (y * 5) % 256, (x * y) % 256], 3 * i);
      }
      for (const [i, preprocessing] of preprocessings.entries()) {
        const crop = await cropImage({ width, height, data }, preprocessing);
        assert.equal(sha256(crop), hashes[i], JSON.stringify(preprocessing));
      }
    });
  }

  it('crops a picture that is 100,000 times as wide as high', async () => {
    const data = new Uint8Array(3 * 100_000).fill(77);
    const crop = await cropImage({ width: 100_000, height: 1, data }, preprocessings[0]!);
    assert.ok(crop.every((value) => value === 77));
  });
});
