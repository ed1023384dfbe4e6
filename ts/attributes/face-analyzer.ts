/** Reads age, gender, race and emotion of every face in an image. */
import { join } from 'node:path';
import { invalidArgument } from '../errors.js';
import { loadBlazeFace } from '../faces/blazeface.js';
import type { DetectedFace, Point } from '../faces/detected-face.js';
import {
  checkFaceImage,
  checkSignal,
  decodedImage,
  type DetectFacesOptions,
  type FaceImage,
} from '../faces/face-detector.js';
import type { FaceFinder } from '../faces/face-finder.js';
import { FACE_OPTIONS } from '../faces/options.js';
import type { DownloadProgress } from '../hub/index.js';
import { resolveOptions } from '../options.js';
import { checkRuntimeOptions, resolveRuntime, type ResolvedRuntime, type RuntimeOptions } from '../runtime.js';
import { loadAttributeReaders, type FaceReader } from './attribute-networks.js';
import { loadDeepFaceReader } from './deepface.js';
import type { FaceAttributes, FaceRegion } from './face-attributes.js';
import { ATTRIBUTE_FILES, resolveAttributeModels, type AttributeModels } from './human-models.js';

/** Node 20 has the symbol; older type definitions and bundlers may not. */
const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

export type FaceAnalyzerOptions = RuntimeOptions & {
  /**
   * A folder with gear.safetensors, emotion.safetensors and blazeface.safetensors. Default: the one of `deepcode pull
   * attributes`, fetched when it is missing.
   */
  models?: string | undefined;
  /**
   * A folder with DeepFace's own networks, which then read the attributes: age_model_weights, gender_model_weights,
   * race_model_single_batch and facial_expression_model_weights.safetensors, or some of them, as `deepcode convert --layout
   * pytorch` makes them of DeepFace's .h5 files. Faces are still found by the BlazeFace of `models`.
   */
  deepface?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Called as bytes of the default networks arrive. */
  onDownload?: ((progress: DownloadProgress) => void) | undefined;
};

interface Parts {
  finder: FaceFinder;
  readers: readonly FaceReader[];
}

async function locate({ models, signal, onDownload }: FaceAnalyzerOptions): Promise<Pick<AttributeModels, 'folder' | 'files'>> {
  if (models !== undefined) return { folder: models, files: ATTRIBUTE_FILES };
  return resolveAttributeModels({ ...(signal && { signal }), ...(onDownload && { onProgress: onDownload }) });
}

async function loadReaders(
  { deepface, signal }: FaceAnalyzerOptions,
  models: Pick<AttributeModels, 'folder' | 'files'>,
  runtime: ResolvedRuntime,
): Promise<readonly FaceReader[]> {
  return deepface === undefined ? loadAttributeReaders(models, runtime, signal) : [await loadDeepFaceReader(deepface, runtime, signal)];
}

function checkFolder(name: string, folder: unknown): void {
  if (folder !== undefined && (typeof folder !== 'string' || folder === '')) throw invalidArgument(name, 'a folder', folder);
}

async function open(options: FaceAnalyzerOptions): Promise<FaceAnalyzer> {
  const models = await locate(options);
  const runtime = resolveRuntime(options);
  const finder = await loadBlazeFace(join(models.folder, models.files.blazeface), runtime, options.signal);
  try {
    return new FaceAnalyzer({ finder, readers: await loadReaders(options, models, runtime) });
  } catch (error) {
    finder.dispose();
    throw error;
  }
}

/** Whole pixels inside the image, as DeepFace has them. */
function regionOf({ box, landmarks }: DetectedFace, image: { width: number; height: number }): FaceRegion {
  const inside = (value: number, size: number): number => Math.min(size, Math.max(0, Math.round(value)));
  const [x, y] = [inside(box.x, image.width), inside(box.y, image.height)];
  const pixel = ([px, py]: Point): Point => [Math.round(px), Math.round(py)];
  return {
    x,
    y,
    w: inside(box.x + box.width, image.width) - x,
    h: inside(box.y + box.height, image.height) - y,
    left_eye: pixel(landmarks.leftEye),
    right_eye: pixel(landmarks.rightEye),
  };
}

export class FaceAnalyzer {
  readonly #parts: Parts;

  /** Made by {@link FaceAnalyzer.load}. */
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Loads BlazeFace and GEAR (age, gender, race) with mini-Xception (emotion), or DeepFace's networks in their place.
   *
   * @param options models; deepface; device "auto" (default), "cpu", "cuda", "cuda:N"; dtype "auto" (default), "fp32", "bf16",
   *   "fp16"; threads 0 (default) to 1024; signal
   * @throws TypeError, RangeError at once for wrong arguments
   * @returns rejects with ERR_WEIGHTS_*, ERR_IO, ERR_DEVICE, ERR_DTYPE, ERR_OUT_OF_MEMORY, the registry's ERR_NETWORK,
   *   ERR_OFFLINE, ERR_CHECKSUM, or AbortError
   */
  static load(options: FaceAnalyzerOptions = {}): Promise<FaceAnalyzer> {
    checkRuntimeOptions(options);
    checkFolder('options.models', options.models);
    checkFolder('options.deepface', options.deepface);
    checkSignal(options.signal);
    return open(options);
  }

  /**
   * The attributes of every face, the surest face first; an image without a face gives an empty list.
   *
   * @param image a path, the bytes of a JPEG, PNG or WebP, a stream of them, or a decoded image
   * @param options minScore: 0.01 to 1, default 0.5; minFace: pixels of the smallest face, 12 to 4096, default: a fifteenth
   *   of the image's longer side; signal
   * @throws TypeError, RangeError at once for wrong arguments
   * @returns rejects with ERR_IMAGE, ERR_IO, ERR_NONFINITE, ERR_OUT_OF_MEMORY, ERR_DISPOSED or AbortError
   */
  analyze(image: FaceImage, options: DetectFacesOptions = {}): Promise<FaceAttributes[]> {
    checkFaceImage(image);
    resolveOptions(FACE_OPTIONS, options);
    checkSignal(options.signal);
    return this.#analyze(image, options);
  }

  /** Frees the weights. Calls in flight may end with ERR_DISPOSED, later ones do. Idempotent. */
  dispose(): void {
    this.#parts.finder.dispose();
    for (const reader of this.#parts.readers) reader.dispose();
  }

  [DISPOSE](): void {
    this.dispose();
  }

  async #analyze(image: FaceImage, options: DetectFacesOptions): Promise<FaceAttributes[]> {
    const { signal } = options;
    const pixels = await decodedImage(image, signal);
    const { finder, readers } = this.#parts;
    const faces = await finder.find(pixels, resolveOptions(FACE_OPTIONS, options), signal);
    const attributes: FaceAttributes[] = faces.map((face) => ({ region: regionOf(face, pixels), face_confidence: face.score }));
    for (const reader of readers) {
      const read = await reader.read(pixels, faces, signal);
      read.forEach((values, i) => Object.assign(attributes[i]!, values));
    }
    return attributes;
  }
}
