/** From images to pictures of their faces, for `deepcode detect --faces`. */
import sharp from 'sharp';
import { decodeImage } from '../data/decode.js';
import type { RgbImage } from '../data/rgb-image.js';
import { DeepcodeError, isAbort } from '../errors.js';
import { visibleArea, type DetectedFace, type FaceRectangle } from '../faces/detected-face.js';
import type { FaceDetector } from '../faces/face-detector.js';
import { FACE_OPTIONS } from '../faces/options.js';
import { callNative } from '../native.js';
import type { PixelWindow } from '../native/bindings.js';
import { choice } from '../options.js';

export const FACES_FLAGS = {
  faces: choice({
    choices: ['none', 'largest', 'all'],
    default: 'none',
    help: 'score the whole image, or pictures of its largest face or of all faces that are found in it',
  }),
  minFace: FACE_OPTIONS.minFace,
} as const;

/**
 * What is added to a face's longer side, in such sides: in pictures framed as the detector's training images (FFHQ), the
 * box takes 0.64 of the side.
 */
const MARGIN = 0.57;

/** An image to score, or why there is none. */
export type NamedImage =
  | { path: string; source: string | Uint8Array; face?: FaceRectangle; error?: undefined }
  | { path: string; source?: undefined; face?: undefined; error: Error };

/**
 * A square inside the image, as near to the face's as there is one: black borders would be seen, too. In whole pixels, so
 * that nothing is resampled: that would hide what the detector looks for.
 */
function cropWindow(image: RgbImage, { x, y, width, height }: FaceRectangle): PixelWindow {
  const wanted = Math.round(Math.max(width, height) * (1 + MARGIN));
  const side = Math.max(1, Math.min(wanted, image.width, image.height));
  const start = (center: number, size: number): number => Math.min(size - side, Math.max(0, Math.round(center - side / 2)));
  return { left: start(x + width / 2, image.width), top: start(y + height / 2, image.height), width: side, height: side };
}

async function pictureOf(image: RgbImage, { box }: DetectedFace): Promise<Uint8Array> {
  const { width, height } = image;
  const size = { sourceWidth: width, sourceHeight: height, width, height };
  const options = { ...size, filter: 'bicubic' as const, crop: cropWindow(image, box), fill: [0, 0, 0] };
  const crop = await callNative(undefined, (addon) => addon.imageResizeCrop(image.data, options));
  const raw = { width: crop.width, height: crop.height, channels: 3 as const };
  return sharp(crop.data, { raw }).png({ compressionLevel: 1 }).toBuffer();
}

const wholePixels = ({ x, y, width, height }: FaceRectangle): FaceRectangle => ({
  x: Math.round(x),
  y: Math.round(y),
  width: Math.round(width),
  height: Math.round(height),
});

/** Which faces are scored, and who finds them. */
export interface FaceChoice {
  detector: FaceDetector;
  mode: 'largest' | 'all';
  minFace: number | undefined;
}

async function facesOf(
  source: string | Uint8Array,
  { detector, mode, minFace }: FaceChoice,
  signal: AbortSignal,
): Promise<{ source: Uint8Array; face: FaceRectangle }[]> {
  const image = await decodeImage(source, { signal });
  const faces = await detector.detect(image, { minFace, signal });
  if (faces.length === 0) throw new DeepcodeError('ERR_IMAGE', 'No face was found in it. Try --min-face for small ones.');
  const area = (face: DetectedFace): number => visibleArea(face, image);
  const largest = faces.reduce((a, b) => (area(b) > area(a) ? b : a));
  const wanted = mode === 'largest' ? [largest] : faces;
  return Promise.all(wanted.map(async (face) => ({ source: await pictureOf(image, face), face: wholePixels(face.box) })));
}

/** Each image's faces in their order; an image without any becomes an error. */
export async function* faceSources(
  images: readonly NamedImage[],
  choice: FaceChoice,
  signal: AbortSignal,
): AsyncGenerator<NamedImage, void, undefined> {
  for (const image of images) {
    if (image.source === undefined) {
      yield image;
      continue;
    }
    try {
      const { path } = image;
      for (const face of await facesOf(image.source, choice, signal)) yield { path, ...face };
    } catch (error) {
      if (isAbort(error) || !(error instanceof DeepcodeError)) throw error;
      yield { path: image.path, error };
    }
  }
}
