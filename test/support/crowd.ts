/** Pictures of many faces, of small ones and of none, composed of photographs. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { decodeImage } from '../../ts/data/decode.js';
import { resampleImage } from '../../ts/data/resample.js';
import type { RgbImage } from '../../ts/data/rgb-image.js';
import { paste, SAMPLES } from './face-pictures.js';
import { sharedPath } from './shared.js';

/** Photographs of one face each: those of `faces256` where they are, else the samples. */
function photographs(count: number): string[] {
  const folder = sharedPath('data/faces256/extra/real') ?? SAMPLES;
  const names = readdirSync(folder).filter((name) => name.endsWith('.jpg')).sort();
  return Array.from({ length: count }, (_, i) => join(folder, names[Math.floor((i * names.length) / count)]!));
}

/** A grey picture with bright and dark stripes, so that not everything but the faces is flat. */
export function background(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = 110 + ((Math.floor(i / 3 / width) >> 4) % 5) * 12;
  return { width, height, data };
}

/** `count` photographs of `side` pixels, in rows with gaps. Their middles, too. */
export async function crowd(count: number, side: number, width: number, height: number): Promise<{ image: RgbImage; middles: [number, number][] }> {
  const image = background(width, height);
  const columns = Math.ceil(Math.sqrt((count * width) / height));
  const rows = Math.ceil(count / columns);
  const middles: [number, number][] = [];
  for (const [i, path] of photographs(count).entries()) {
    const photograph = await resampleImage(await decodeImage(path), { width: side, height: side });
    const at = (place: number, places: number, size: number): number => Math.round(((place + 0.5) * size) / places - side / 2);
    const [left, top] = [at(i % columns, columns, width), at(Math.floor(i / columns), rows, height)];
    paste(image, photograph, left, top);
    middles.push([left + side / 2, top + side / 2]);
  }
  return { image, middles };
}

/** A drawing of a smiling face in flat colours, `side` pixels wide. */
export function cartoon(side: number): RgbImage {
  const data = new Uint8Array(side * side * 3);
  const inside = (x: number, y: number, centerX: number, centerY: number, radius: number): boolean =>
    (x - centerX) ** 2 + (y - centerY) ** 2 < radius ** 2;
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [(i % side) / side, Math.floor(i / side) / side];
    const mouth = y > 0.58 && inside(x, y, 0.5, 0.5, 0.24) && !inside(x, y, 0.5, 0.5, 0.2);
    const dark = mouth || inside(x, y, 0.38, 0.4, 0.045) || inside(x, y, 0.62, 0.4, 0.045);
    data.set(dark ? [0, 0, 0] : inside(x, y, 0.5, 0.5, 0.35) ? [255, 220, 60] : [150, 200, 255], i * 3);
  }
  return { width: side, height: side, data };
}
