/** Faces by BlazeFace: the whole image in one pass, or two where the first finds none. */
import type { RgbImage } from '../data/rgb-image.js';
import { callNative } from '../native.js';
import type { NativeBlazeFaceOptions } from '../native/faces.js';
import type { ResolvedRuntime } from '../runtime.js';
import type { DetectedFace, FaceLandmarks } from './detected-face.js';
import type { FaceFinder } from './face-finder.js';
import { letterbox, type Letterbox } from './letterbox.js';
import { MAX_OVERLAP } from './options.js';

/** What its network sees, in pixels. */
const IMAGE_SIZE = 256;
/** Shares of that which the image takes, tried until there is a face: one that fills it is only seen from further off. */
const SHARES = [1, 0.6] as const;
/** Channels of the published network. */
export const BLAZEFACE: NativeBlazeFaceOptions = { narrow: 24, middle: 48, wide: 96 };

const POINTS = ['rightEye', 'leftEye', 'nose', 'mouth', 'rightEar', 'leftEar'] as const satisfies readonly (keyof FaceLandmarks)[];

function toFace([score, left, top, right, bottom, ...points]: readonly number[], { toImage }: Letterbox): DetectedFace {
  const [x, y] = toImage(left!, top!);
  const [endX, endY] = toImage(right!, bottom!);
  const landmarks = Object.fromEntries(POINTS.map((name, i) => [name, toImage(points[2 * i]!, points[2 * i + 1]!)]));
  return {
    box: { x, y, width: endX - x, height: endY - y },
    score: score!,
    landmarks: landmarks as unknown as FaceLandmarks,
  };
}

/** Loads the network from a .safetensors file. Rejects with ERR_WEIGHTS_*, ERR_IO, ERR_DEVICE, AbortError. */
export async function loadBlazeFace(
  weights: string,
  runtime: ResolvedRuntime,
  signal: AbortSignal | undefined,
): Promise<FaceFinder> {
  const spec = { blazeface: BLAZEFACE, weights, ...runtime };
  const network = await callNative(signal, (addon, token) => addon.blazeFaceLoad(spec, token));
  return {
    async find(image: RgbImage, minScore: number, use?: AbortSignal): Promise<DetectedFace[]> {
      const thresholds = { scoreThreshold: minScore, overlapThreshold: MAX_OVERLAP };
      for (const share of SHARES) {
        const square = await letterbox(image, IMAGE_SIZE, share);
        const [rows] = await callNative(use, (_, token) => network.detect(square.data, 1, thresholds, token));
        if (rows!.length > 0) return rows!.map((row) => toFace(Array.from(row), square));
      }
      return [];
    },
    dispose: () => network.dispose(),
  };
}
