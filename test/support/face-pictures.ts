/** Pictures of faces for tests. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { decodeImage } from '../../ts/data/decode.js';
import { resampleImage } from '../../ts/data/resample.js';
import type { RgbImage } from '../../ts/data/rgb-image.js';

/** A folder with eleven photographs and drawings of one face each. */
export const SAMPLES = join(__dirname, '..', 'data', 'samples');
const COLUMNS = 3;

/** A black picture. */
export function blank(width: number, height: number): RgbImage {
  return { width, height, data: new Uint8Array(width * height * 3) };
}

/** Copies `part` into `whole` at (left, top), where it must fit. */
export function paste(whole: RgbImage, part: RgbImage, left: number, top: number): void {
  for (let y = 0; y < part.height; y++) {
    const row = part.data.subarray(y * part.width * 3, (y + 1) * part.width * 3);
    whole.data.set(row, ((top + y) * whole.width + left) * 3);
  }
}

/** The first six samples as square tiles, three in a row. */
export async function montage(tile: number): Promise<RgbImage> {
  const sheet = blank(COLUMNS * tile, 2 * tile);
  const names = readdirSync(SAMPLES).filter((name) => name.endsWith('.jpg')).sort();
  for (const [i, name] of names.slice(0, 6).entries()) {
    const image = await resampleImage(await decodeImage(join(SAMPLES, name)), { width: tile, height: tile });
    paste(sheet, image, (i % COLUMNS) * tile, Math.floor(i / COLUMNS) * tile);
  }
  return sheet;
}
