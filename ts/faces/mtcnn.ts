/** Faces by MTCNN: every size of face from a smallest one on, at the price of several passes. */
import { join } from 'node:path';
import type { RgbImage } from '../data/rgb-image.js';
import { resampleImage } from '../data/resample.js';
import { callNative } from '../native.js';
import type { ResolvedRuntime } from '../runtime.js';
import type { DetectedFace, Point } from './detected-face.js';
import type { FaceFinder, FindOptions } from './face-finder.js';

/** facenet-pytorch's. The first two scores are those of the networks that propose; the last one is `minScore`. */
export const MTCNN = { minFace: 20, scaleFactor: 0.709, thresholds: [0.6, 0.7] } as const;

/** Larger images are made smaller first: time and memory grow with the number of pixels. */
const MAX_SIDE = 1600;
/** The least that the first network can look at, in pixels. */
const MIN_SIDE = 12;

function toFace([score, left, top, right, bottom, ...points]: readonly number[], scaleX: number, scaleY: number): DetectedFace {
  const at = (i: number): Point => [points[2 * i]! * scaleX, points[2 * i + 1]! * scaleY];
  return {
    box: { x: left! * scaleX, y: top! * scaleY, width: (right! - left!) * scaleX, height: (bottom! - top!) * scaleY },
    score: score!,
    landmarks: { rightEye: at(0), leftEye: at(1), nose: at(2), rightMouth: at(3), leftMouth: at(4) },
  };
}

async function reduced(image: RgbImage): Promise<RgbImage> {
  const scale = MAX_SIDE / Math.max(image.width, image.height);
  if (scale >= 1) return image;
  const [width, height] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * scale))) as [number, number];
  return resampleImage(image, { width, height, filter: 'bilinear' });
}

/**
 * Loads pnet.safetensors, rnet.safetensors and onet.safetensors of a folder. Rejects with ERR_WEIGHTS_*, ERR_IO, ERR_DEVICE,
 * AbortError.
 */
export async function loadMtcnn(folder: string, runtime: ResolvedRuntime, signal: AbortSignal | undefined): Promise<FaceFinder> {
  const [proposal, refine, output] = ['pnet', 'rnet', 'onet'].map((name) => join(folder, `${name}.safetensors`)) as [string, string, string];
  const network = await callNative(signal, (addon, token) => addon.mtcnnLoad({ proposal, refine, output, ...runtime }, token));
  return {
    async find(image: RgbImage, { minScore, minFace }: FindOptions, use?: AbortSignal): Promise<DetectedFace[]> {
      const { width, height, data } = await reduced(image);
      if (Math.min(width, height) < MIN_SIDE) return [];
      const { scaleFactor, thresholds } = MTCNN;
      const smallest = minFace === undefined ? MTCNN.minFace : Math.max(MIN_SIDE, Math.round((minFace * width) / image.width));
      const options = { width, height, minFace: smallest, scaleFactor, thresholds: [...thresholds, minScore] };
      const rows = await callNative(use, (_, token) => network.detect(data, options, token));
      return rows.map((row) => toFace(Array.from(row), image.width / width, image.height / height));
    },
    dispose: () => network.dispose(),
  };
}
