/** The picture of one face: turned so that the eyes are level, with a margin, resized. */
import { checkRgbImage, type RgbImage } from '../data/rgb-image.js';
import { invalidArgument } from '../errors.js';
import { callNative } from '../native.js';
import { flag, integer, real, resolveOptions, type Given } from '../options.js';
import type { DetectedFace } from './detected-face.js';

export const FACE_CROP_OPTIONS = {
  size: integer({ default: 224, min: 1, max: 4096, help: 'pixels of a side' }),
  margin: real({ default: 0.4, min: 0, max: 10, help: "what is added to the face's longer side, in such sides" }),
  align: flag({ default: true, help: 'turn the picture so that the eyes are level' }),
} as const;

export type FaceCropOptions = Given<typeof FACE_CROP_OPTIONS>;

/** Of the line through the eyes, in radians; 0 is level. */
export function eyeAngle({ landmarks: { leftEye, rightEye } }: DetectedFace): number {
  return Math.atan2(leftEye[1] - rightEye[1], leftEye[0] - rightEye[0]);
}

/**
 * From the pixels of the crop to those of the image, [a, b, c, d, e, f] as the addon's imageAffineCrop takes it. The
 * crop's centre is that of the box.
 */
export function cropMatrix(face: DetectedFace, options: Required<FaceCropOptions>): number[] {
  const { size, margin, align } = resolveOptions(FACE_CROP_OPTIONS, options);
  const { x, y, width, height } = face.box;
  const scale = (Math.max(width, height) * (1 + margin)) / size;
  const angle = align ? eyeAngle(face) : 0;
  const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  const half = size / 2;
  const [centerX, centerY] = [x + width / 2, y + height / 2];
  return [cos, -sin, centerX - half * (cos - sin), sin, cos, centerY - half * (sin + cos)];
}

/**
 * Cuts out a face as a square picture; black where it reaches beyond the image.
 *
 * @param image where the face was found
 * @param options size: pixels of a side, 1 to 4096, default 224; margin: 0 to 10, default 0.4; align: level the eyes,
 *   default true
 * @throws TypeError, RangeError at once for wrong arguments
 */
export function cropFace(image: RgbImage, face: DetectedFace, options: FaceCropOptions = {}): Promise<RgbImage> {
  checkRgbImage(image);
  const resolved = resolveOptions(FACE_CROP_OPTIONS, options);
  const box = (face as Partial<DetectedFace> | undefined)?.box;
  if (!(box && box.width > 0 && box.height > 0)) throw invalidArgument('face', 'a face with a box', face);
  return callNative(undefined, (addon) =>
    addon.imageAffineCrop(image.data, {
      sourceWidth: image.width,
      sourceHeight: image.height,
      width: resolved.size,
      height: resolved.size,
      matrix: cropMatrix(face, resolved),
      fill: [0, 0, 0],
    }),
  );
}
