/** An image of any size as a square one: in the middle, black around it. */
import { callNative } from '../native.js';
import type { RgbImage } from '../data/rgb-image.js';

export interface Letterbox {
  /** size x size x 3 bytes. */
  data: Uint8Array;
  /** From a point of the square, in its sides, to one of the image, in pixels. */
  toImage(x: number, y: number): readonly [number, number];
}

/** `size` in pixels; `share`: what the image's longer side takes of it. */
export async function letterbox(image: RgbImage, size: number, share = 1): Promise<Letterbox> {
  const scale = (size * share) / Math.max(image.width, image.height);
  // A very long image would lose its short side altogether.
  const [width, height] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * scale))) as [number, number];
  const [left, top] = [Math.floor((size - width) / 2), Math.floor((size - height) / 2)];
  const { data } = await callNative(undefined, (addon) =>
    addon.imageResizeCrop(image.data, {
      sourceWidth: image.width,
      sourceHeight: image.height,
      filter: 'bilinear',
      width,
      height,
      crop: { left: 0 - left, top: 0 - top, width: size, height: size },
      fill: [0, 0, 0],
    }),
  );
  return {
    data,
    toImage: (x, y) => [((x * size - left) * image.width) / width, ((y * size - top) * image.height) / height],
  };
}
