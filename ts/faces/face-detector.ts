/** Finds faces in images of any size. */
import { resolveAttributeModels } from '../attributes/human-models.js';
import { decodeImage } from '../data/decode.js';
import { checkImageInput, type ImageInput } from '../data/image-input.js';
import { checkRgbImage, type RgbImage } from '../data/rgb-image.js';
import { invalidArgument } from '../errors.js';
import type { DownloadProgress } from '../hub/index.js';
import { resolveOptions, type Given } from '../options.js';
import { checkRuntimeOptions, resolveRuntime, type RuntimeOptions } from '../runtime.js';
import { join } from 'node:path';
import { loadBlazeFace } from './blazeface.js';
import type { DetectedFace } from './detected-face.js';
import type { FaceFinder } from './face-finder.js';
import { loadMtcnn } from './mtcnn.js';
import { FACE_OPTIONS } from './options.js';

/** Node 20 has the symbol; older type definitions and bundlers may not. */
const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

export const FACE_NETWORKS = ['blazeface', 'mtcnn'] as const;
export type FaceNetwork = (typeof FACE_NETWORKS)[number];

export type FaceDetectorOptions = RuntimeOptions & {
  /** Default "blazeface". */
  network?: FaceNetwork | undefined;
  /**
   * blazeface: a .safetensors file; default: the one of `deepcode pull attributes`, fetched when it is missing. mtcnn: a
   * folder with pnet.safetensors, rnet.safetensors and onet.safetensors, which `deepcode convert` makes of facenet-pytorch's.
   */
  weights?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Called as bytes of the default weights arrive. */
  onDownload?: ((progress: DownloadProgress) => void) | undefined;
};

export type DetectFacesOptions = Given<typeof FACE_OPTIONS> & { signal?: AbortSignal | undefined };

/** An encoded image, or a decoded one. */
export type FaceImage = ImageInput | RgbImage;

/** Throws TypeError unless it is one. */
export function checkFaceImage(image: unknown): asserts image is FaceImage {
  const decoded = typeof image === 'object' && image !== null && 'data' in image && 'width' in image;
  if (decoded) checkRgbImage(image);
  else checkImageInput(image);
}

/** Decoded, upright. Rejects with ERR_IMAGE, ERR_IO, AbortError. */
export async function decodedImage(image: FaceImage, signal: AbortSignal | undefined): Promise<RgbImage> {
  if (typeof image === 'object' && 'height' in image) return image;
  return decodeImage(image, { signal });
}

export function checkSignal(signal: unknown): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalidArgument('signal', 'an AbortSignal', signal);
}

async function defaultWeights({ signal, onDownload }: FaceDetectorOptions): Promise<string> {
  const options = { ...(signal && { signal }), ...(onDownload && { onProgress: onDownload }) };
  const { folder, files } = await resolveAttributeModels(options);
  return join(folder, files.blazeface);
}

function checkNetwork({ network = 'blazeface', weights }: FaceDetectorOptions): void {
  if (!FACE_NETWORKS.includes(network)) throw invalidArgument('options.network', `one of ${FACE_NETWORKS.join(', ')}`, network);
  const needed = network === 'mtcnn' || weights !== undefined;
  if (needed && (typeof weights !== 'string' || weights === '')) {
    throw invalidArgument('options.weights', network === 'mtcnn' ? 'a folder of .safetensors files' : 'the path of a .safetensors file', weights);
  }
}

async function open(options: FaceDetectorOptions): Promise<FaceDetector> {
  const { network, signal } = options;
  if (network === 'mtcnn') return new FaceDetector(await loadMtcnn(options.weights!, resolveRuntime(options), signal));
  const weights = options.weights ?? (await defaultWeights(options));
  return new FaceDetector(await loadBlazeFace(weights, resolveRuntime(options), signal));
}

export class FaceDetector {
  readonly #finder: FaceFinder;

  /** Made by {@link FaceDetector.load}. */
  constructor(finder: FaceFinder) {
    this.#finder = finder;
  }

  /**
   * Loads BlazeFace (back camera model: one pass of 256 x 256, faces of at least about a fifteenth of the image's longer
   * side; smaller ones in squares of the image when minFace asks for them) or MTCNN (many passes, faces of 20 pixels and
   * more; images over 1600 pixels are reduced to that first).
   *
   * @param options network "blazeface" (default) or "mtcnn"; weights; device "auto" (default), "cpu", "cuda", "cuda:N"; dtype "auto" (default), "fp32", "bf16",
   *   "fp16"; threads 0 (default) to 1024; signal
   * @throws TypeError, RangeError at once for wrong arguments
   * @returns rejects with ERR_WEIGHTS_*, ERR_IO, ERR_DEVICE, ERR_DTYPE, ERR_OUT_OF_MEMORY, the registry's ERR_NETWORK,
   *   ERR_OFFLINE, ERR_CHECKSUM, or AbortError
   */
  static load(options: FaceDetectorOptions = {}): Promise<FaceDetector> {
    checkRuntimeOptions(options);
    checkNetwork(options);
    checkSignal(options.signal);
    return open(options);
  }

  /**
   * The faces of an image, the surest first; none is an empty list.
   *
   * @param image a path, the bytes of a JPEG, PNG or WebP, a stream of them, or a decoded image
   * @param options minScore: 0.01 to 1, default 0.5; minFace: pixels of the smallest face, 12 to 4096, default: what one
   *   pass sees; signal
   * @throws TypeError, RangeError at once for wrong arguments
   * @returns rejects with ERR_IMAGE, ERR_IO, ERR_NONFINITE, ERR_OUT_OF_MEMORY, ERR_DISPOSED or AbortError
   */
  detect(image: FaceImage, options: DetectFacesOptions = {}): Promise<DetectedFace[]> {
    checkFaceImage(image);
    const resolved = resolveOptions(FACE_OPTIONS, options);
    checkSignal(options.signal);
    const { signal } = options;
    return decodedImage(image, signal).then((pixels) => this.#finder.find(pixels, resolved, signal));
  }

  /** Frees the weights. Calls in flight finish, later ones reject with ERR_DISPOSED. Idempotent. */
  dispose(): void {
    this.#finder.dispose();
  }

  [DISPOSE](): void {
    this.dispose();
  }
}
