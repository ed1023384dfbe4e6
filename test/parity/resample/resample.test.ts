import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resampleImage } from '../../../ts/data/resample.js';
import type { ImageFilter } from '../../../ts/native/bindings.js';

interface Case {
  source: [number, number, 1 | 3];
  size: [number, number];
  box: [number, number, number, number] | null;
  filter: ImageFilter;
  sha256: string;
  pixels: string | null;
}

const { cases } = JSON.parse(readFileSync(join(__dirname, 'expected.json'), 'utf8')) as { cases: Case[] };

/** The formula of generate.py. */
function picture(width: number, height: number, channels: number): Uint8Array {
  return Uint8Array.from({ length: width * height * channels }, (_, index) => {
    let mixed = Math.imul(index, 2654435761) >>> 0;
    mixed = (mixed ^ (mixed >>> 15)) >>> 0;
    const value = Math.imul(mixed, 2246822519) >>> 24;
    if (Math.floor(index / 96) % 3 !== 0) return value;
    return value > 127 ? 255 : 0;
  });
}

describe('resampleImage against Pillow', () => {
  for (const { source, size, box, filter, sha256, pixels } of cases) {
    const [width, height, channels] = source;
    const title = `${filter} of ${source.join('x')} to ${size.join('x')}${box ? ` from ${box.join(', ')}` : ''}`;
    it(`is bit-exact for ${title}`, async () => {
      const image = { width, height, channels, data: picture(width, height, channels) };
      const region = box ? { left: box[0], top: box[1], right: box[2], bottom: box[3] } : undefined;
      const result = await resampleImage(image, { width: size[0], height: size[1], filter, box: region });
      assert.deepEqual([result.width, result.height], size);
      if (pixels !== null) assert.deepEqual([...result.data], [...Buffer.from(pixels, 'base64')]);
      assert.equal(createHash('sha256').update(result.data).digest('hex'), sha256);
    });
  }
});
