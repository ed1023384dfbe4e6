/** Photos that a folder of faces should not hold, but one day will. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { RgbImage } from '../../ts/data/rgb-image.js';
import { decodeImage } from '../../ts/data/decode.js';
import { resampleImage } from '../../ts/data/resample.js';
import { blank, paste, SAMPLES } from './face-pictures.js';

async function writePng(path: string, { width, height, data }: RgbImage): Promise<void> {
  await sharp(data, { raw: { width, height, channels: 3 } }).png().toFile(path);
}

/** A hill and a sun in three flat colours, and nobody. */
function cartoon(): RgbImage {
  const image = blank(200, 200);
  for (let i = 0; i < image.data.length; i += 3) {
    const [x, y] = [(i / 3) % 200, Math.floor(i / 600)];
    const color = Math.hypot(x - 150, y - 45) < 28 ? [255, 204, 0] : y > 90 + Math.abs(x - 80) / 2 ? [51, 153, 102] : [153, 204, 255];
    image.data.set(color, i);
  }
  return image;
}

async function writeFaces(path: string, count: number): Promise<void> {
  const face = await resampleImage(await decodeImage(join(SAMPLES, 'real-london-1.jpg')), { width: 250, height: 250 });
  const sheet = blank(5 * 250, Math.ceil(count / 5) * 250);
  for (let i = 0; i < count; i++) paste(sheet, face, (i % 5) * 250, Math.floor(i / 5) * 250);
  await writePng(path, sheet);
}

/** A face of 20 pixels, which BlazeFace does not see. */
async function writeFarFace(path: string): Promise<void> {
  const face = await resampleImage(await decodeImage(join(SAMPLES, 'real-london-1.jpg')), { width: 45, height: 45 });
  const scene = blank(1600, 1600);
  paste(scene, face, 600, 600);
  await writePng(path, scene);
}

/**
 * Fills the folder. @returns the names that must fail, each with its code, and the names that must be drawn
 */
export async function hostilePhotos(folder: string): Promise<{ failing: Record<string, string>; drawn: string[] }> {
  mkdirSync(join(folder, 'sub'), { recursive: true });
  const good = readFileSync(join(SAMPLES, 'real-london-1.jpg'));
  writeFileSync(join(folder, 'truncated.jpg'), good.subarray(0, good.length / 2));
  writeFileSync(join(folder, 'empty.jpg'), '');
  writeFileSync(join(folder, 'text.jpg'), 'This is no picture.');
  await writePng(join(folder, 'one-pixel.png'), blank(1, 1));
  await writePng(join(folder, 'cartoon.png'), cartoon());
  symlinkSync(join(folder, 'loop.jpg'), join(folder, 'loop.jpg'));
  symlinkSync(folder, join(folder, 'sub', 'up'));
  symlinkSync(folder, join(folder, 'sub', 'up.jpg'));
  writeFileSync(join(folder, 'notes.txt'), 'not looked at');
  await writeFaces(join(folder, 'ten-faces.png'), 10);
  await writeFarFace(join(folder, 'far.png'));
  const failing = {
    'truncated.jpg': 'ERR_IMAGE',
    'empty.jpg': 'ERR_IMAGE',
    'text.jpg': 'ERR_IMAGE',
    'one-pixel.png': 'ERR_IMAGE',
    'cartoon.png': 'ERR_IMAGE',
    'far.png': 'ERR_IMAGE',
    'loop.jpg': 'ERR_IO',
    'sub/up.jpg': 'ERR_IO',
  };
  return { failing, drawn: ['ten-faces.png'] };
}
