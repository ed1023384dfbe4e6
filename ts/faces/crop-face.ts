/** The picture of one face: turned so that the eyes are level, with a margin, resized. */
import { checkRgbImage, type RgbImage } from '../data/rgb-image.js';
import { invalidArgument } from '../errors.js';
import { callNative } from '../native.js';
import { flag, integer, real, resolveOptions, type Given } from '../options.js';
import type { DetectedFace, FaceRectangle, Point } from './detected-face.js';

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

/** A turned rectangle of an image that becomes a picture. */
export interface TurnedWindow {
  /** Its middle, in pixels of the image. */
  center: Point;
  /** Of the picture, in pixels. */
  width: number;
  height: number;
  /** Pixels of the image for one of the picture. */
  scale: number;
  /** In radians. */
  angle: number;
}

/** From the pixels of the picture to those of the image, [a, b, c, d, e, f] as the addon's imageAffineCrop takes it. */
export function windowMatrix({ center: [x, y], width, height, scale, angle }: TurnedWindow): number[] {
  const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  const [halfWidth, halfHeight] = [width / 2, height / 2];
  return [cos, -sin, x - (halfWidth * cos - halfHeight * sin), sin, cos, y - (halfWidth * sin + halfHeight * cos)];
}

/** The middle of a box. */
export const centerOf = ({ x, y, width, height }: FaceRectangle): Point => [x + width / 2, y + height / 2];

/** {@link windowMatrix} of a square crop. Its centre is that of the box. */
export function cropMatrix(face: DetectedFace, options: Required<FaceCropOptions>): number[] {
  const { size, margin, align } = resolveOptions(FACE_CROP_OPTIONS, options);
  const { box } = face;
  const scale = (Math.max(box.width, box.height) * (1 + margin)) / size;
  return windowMatrix({ center: centerOf(box), width: size, height: size, scale, angle: align ? eyeAngle(face) : 0 });
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
