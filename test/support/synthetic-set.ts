/** A small data set in folders: smooth pictures are real, the same with a fine grid on top are fake. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

const SIZE = 40;

function pixels(index: number, fake: boolean): Buffer {
  const data = Buffer.alloc(SIZE * SIZE * 3);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const smooth = 128 + 50 * Math.sin((x + 3 * index) / 9) + 40 * Math.cos((y - index) / 7);
      const grid = fake ? 14 * ((Math.floor(x / 2) + Math.floor(y / 2)) % 2) : 7;
      for (let c = 0; c < 3; c++) data[(y * SIZE + x) * 3 + c] = Math.round(smooth + grid + 5 * c);
    }
  }
  return data;
}

/** Writes `count` images of each class, as PNG. */
export async function writeImages(
  folder: string,
  count: number,
  first = 0,
  classes = ['real', 'fake'],
): Promise<void> {
  for (const name of classes) {
    await mkdir(join(folder, name), { recursive: true });
    for (let i = first; i < first + count; i++) {
      const raw = { width: SIZE, height: SIZE, channels: 3 as const };
      const png = await sharp(pixels(i, name === 'fake'), { raw })
        .png()
        .toBuffer();
      await writeFile(join(folder, name, `${String(i).padStart(3, '0')}.png`), png);
    }
  }
}

/** train/, valid/ and test/ of a data set. @param count training images a class */
export async function writeSyntheticSet(folder: string, count = 12): Promise<void> {
  await writeImages(join(folder, 'train'), count);
  await writeImages(join(folder, 'valid'), 4, 100);
  await writeImages(join(folder, 'test'), 4, 200);
}
