/** Faces by BlazeFace: the whole image in one pass, or two where the first finds none; squares of it for smaller faces. */
import { resampleImage } from '../data/resample.js';
import type { RgbImage } from '../data/rgb-image.js';
import { callNative } from '../native.js';
import type { NativeBlazeFace, NativeBlazeFaceOptions } from '../native/faces.js';
import type { ResolvedRuntime } from '../runtime.js';
import type { DetectedFace, FaceLandmarks, FaceRectangle, Point } from './detected-face.js';
import type { FaceFinder, FindOptions } from './face-finder.js';
import { letterbox } from './letterbox.js';
import { mergeFaces } from './merge-faces.js';
import { MAX_OVERLAP } from './options.js';
import { LARGEST_FACE, TILE_SIZE, tileSides, tileStarts } from './tiles.js';

/** Shares of what the network sees that the image takes, tried until there is a face: one that fills it is only seen from further off. */
const SHARES = [1, 0.6] as const;
/** Squares that are looked at in one call. */
const BATCH = 8;
/** Pixels of a square's edge that a face which goes on behind it touches. */
const EDGE = 3;
/** Channels of the published network. */
export const BLAZEFACE: NativeBlazeFaceOptions = { narrow: 24, middle: 48, wide: 96 };

const POINTS = ['rightEye', 'leftEye', 'nose', 'mouth', 'rightEar', 'leftEar'] as const satisfies readonly (keyof FaceLandmarks)[];

/** From sides of what the network sees to pixels of the image. */
type ToImage = (x: number, y: number) => Point;

function toFace([score, left, top, right, bottom, ...points]: readonly number[], toImage: ToImage): DetectedFace {
  const [x, y] = toImage(left!, top!);
  const [endX, endY] = toImage(right!, bottom!);
  const landmarks = Object.fromEntries(POINTS.map((name, i) => [name, toImage(points[2 * i]!, points[2 * i + 1]!)]));
  return {
    box: { x, y, width: endX - x, height: endY - y },
    score: score!,
    landmarks: landmarks as unknown as FaceLandmarks,
  };
}

/** A square of an image that was reduced for its scale, in that image's pixels. */
interface Tile {
  left: number;
  top: number;
}

function tilesOf({ width, height }: RgbImage): Tile[] {
  return tileStarts(height).flatMap((top) => tileStarts(width).map((left) => ({ left, top })));
}

/** Copies squares one after the other, black where they reach beyond the image. */
function pixelsOf({ width, height, data }: RgbImage, tiles: readonly Tile[]): Uint8Array {
  const row = TILE_SIZE * 3;
  const pixels = new Uint8Array(tiles.length * TILE_SIZE * row);
  const bytes = Math.min(TILE_SIZE, width) * 3;
  tiles.forEach(({ left, top }, i) => {
    for (let y = 0; y < Math.min(TILE_SIZE, height); y++) {
      const from = ((top + y) * width + left) * 3;
      pixels.set(data.subarray(from, from + bytes), (i * TILE_SIZE + y) * row);
    }
  });
  return pixels;
}

/** Whether a face in a square is small and whole: others are seen whole in a neighbour or at the scale before. */
function belongsTo({ left, top }: Tile, { x, y, width, height }: FaceRectangle, image: RgbImage): boolean {
  if (Math.max(width, height) > LARGEST_FACE * TILE_SIZE) return false;
  const within = (start: number, size: number, from: number, length: number): boolean =>
    (from === 0 || start >= from + EDGE) && (from + TILE_SIZE >= length || start + size <= from + TILE_SIZE - EDGE);
  return within(x, width, left, image.width) && within(y, height, top, image.height);
}

class BlazeFaceFinder implements FaceFinder {
  readonly #network: NativeBlazeFace;

  constructor(network: NativeBlazeFace) {
    this.#network = network;
  }

  async find(image: RgbImage, { minScore, minFace }: FindOptions, signal?: AbortSignal): Promise<DetectedFace[]> {
    const faces = await this.#findWhole(image, minScore, signal);
    const sides = minFace === undefined ? [] : tileSides(Math.max(image.width, image.height), minFace);
    if (sides.length === 0) return faces;
    for (const side of sides) faces.push(...(await this.#findAt(image, side, minScore, signal)));
    return mergeFaces(faces);
  }

  dispose(): void {
    this.#network.dispose();
  }

  #detect(pixels: Uint8Array, count: number, minScore: number, signal: AbortSignal | undefined): Promise<Float32Array[][]> {
    const thresholds = { scoreThreshold: minScore, overlapThreshold: MAX_OVERLAP };
    return callNative(signal, (_, token) => this.#network.detect(pixels, count, thresholds, token));
  }

  async #findWhole(image: RgbImage, minScore: number, signal: AbortSignal | undefined): Promise<DetectedFace[]> {
    for (const share of SHARES) {
      const { data, toImage } = await letterbox(image, TILE_SIZE, share);
      const [rows] = await this.#detect(data, 1, minScore, signal);
      if (rows!.length > 0) return rows!.map((row) => toFace(Array.from(row), toImage));
    }
    return [];
  }

  /** In squares of `side` pixels. */
  async #findAt(image: RgbImage, side: number, minScore: number, signal: AbortSignal | undefined): Promise<DetectedFace[]> {
    const [width, height] = [image.width, image.height].map((length) => Math.max(1, Math.round((length * TILE_SIZE) / side))) as [number, number];
    const reduced = await resampleImage(image, { width, height, filter: 'bilinear' });
    const tiles = tilesOf(reduced);
    const faces: DetectedFace[] = [];
    for (let first = 0; first < tiles.length; first += BATCH) {
      const some = tiles.slice(first, first + BATCH);
      const found = await this.#detect(pixelsOf(reduced, some), some.length, minScore, signal);
      some.forEach((tile, i) => {
        for (const row of found[i]!) {
          const face = toFace(Array.from(row), (x, y) => [tile.left + x * TILE_SIZE, tile.top + y * TILE_SIZE]);
          if (belongsTo(tile, face.box, reduced)) faces.push(scaled(face, image.width / width, image.height / height));
        }
      });
    }
    return faces;
  }
}

function scaled({ box, score, landmarks }: DetectedFace, scaleX: number, scaleY: number): DetectedFace {
  const points = Object.entries(landmarks as unknown as Record<string, Point>).map(([name, [x, y]]) => [name, [x * scaleX, y * scaleY]]);
  return {
    box: { x: box.x * scaleX, y: box.y * scaleY, width: box.width * scaleX, height: box.height * scaleY },
    score,
    landmarks: Object.fromEntries(points) as FaceLandmarks,
  };
}

/** Loads the network from a .safetensors file. Rejects with ERR_WEIGHTS_*, ERR_IO, ERR_DEVICE, AbortError. */
export async function loadBlazeFace(
  weights: string,
  runtime: ResolvedRuntime,
  signal: AbortSignal | undefined,
): Promise<FaceFinder> {
  const spec = { blazeface: BLAZEFACE, weights, ...runtime };
  return new BlazeFaceFinder(await callNative(signal, (addon, token) => addon.blazeFaceLoad(spec, token)));
}
