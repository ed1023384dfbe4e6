/** The real-or-fake detector of this package, for one image or many, from code. */
import { availableParallelism } from 'node:os';
import { DeepcodeError, invalidArgument } from '../errors.js';
import { checkImageInput, type ImageInput } from '../data/image-input.js';
import { claimStreams, isByteStream } from '../data/image-streams.js';
import { callNative } from '../native.js';
import { resolveOptions } from '../options.js';
import { renderHeatmap } from '../plots/heatmap.js';
import { checkRuntimeOptions } from '../runtime.js';
import { abortable, allowManyListeners } from '../abortable.js';
import { Batcher, type ImageScores } from './batcher.js';
import { scoreMany } from './detect-many.js';
import { checkUnsureBand, DETECT_OPTIONS, DETECTOR_OPTIONS, toDetection } from './detection.js';
import type { DetectOptions, Detection, UnsureBand } from './detection.js';
import { loadDetectorParts } from './detector-parts.js';
import type {
  DetectionOutcome,
  DetectorHeatmapOptions,
  DetectorInfo,
  DetectorOptions,
  DetectorParts,
  HeatmapResult,
} from './detector-types.js';
import { settleInput } from './input.js';
import { Semaphore } from './semaphore.js';

/** Node 20 has the symbol; older type definitions and bundlers may not. */
const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

function checkSignal(signal: unknown): void {
  if (signal === undefined) return;
  if (!(signal instanceof AbortSignal)) throw invalidArgument('signal', 'an AbortSignal', signal);
  allowManyListeners(signal);
}

function checkDetectOptions(options: DetectOptions): void {
  resolveOptions(DETECT_OPTIONS, options);
  resolveOptions(DETECTOR_OPTIONS, options);
  if (options.unsureBand !== undefined) checkUnsureBand(options.unsureBand);
  checkSignal(options.signal);
}

function isIterable(value: unknown): value is Iterable<ImageInput> | AsyncIterable<ImageInput> {
  return (
    typeof value === 'object' &&
    value !== null &&
    (Symbol.iterator in value || Symbol.asyncIterator in value)
  );
}

export class Detector {
  readonly #parts: DetectorParts;
  readonly #batcher: Batcher;
  /** Bounds the images of single callers that are decoded and wait. */
  readonly #slots: Semaphore;
  #unsureBand: UnsureBand;
  #disposed = false;

  /** Made by {@link Detector.load}. */
  constructor(parts: DetectorParts) {
    this.#parts = parts;
    this.#unsureBand = parts.unsureBand;
    this.#slots = new Semaphore(2 * parts.batchSize + availableParallelism());
    this.#batcher = new Batcher(
      (images, count, signal) => this.#forward(images, count, signal),
      parts.batchSize,
    );
  }

  /**
   * Loads a detector.
   *
   * @param model a timm folder (config.json and model.safetensors), a PEFT adapter or a run of training on
   *   such a folder, or a hub id. Default: the detector that ships with the package.
   * @param options adapter: a PEFT adapter folder. device "auto" (default), "cpu", "cuda", "cuda:N"; dtype
   *   "auto" (default: fp32 on a processor, fp16 on CUDA), "fp32", "bf16", "fp16"; threads: 0 (default) to
   *   1024, for the whole process. batchSize: 1 to 1024, default 8. tta: "auto" (default: what detector.json
   *   says), "none", or "flip", means over an image and its mirror image. signal: aborts the load.
   * @throws TypeError, RangeError at once for wrong arguments
   * @returns rejects with ERR_IO, ERR_CONFIG, ERR_WEIGHTS_*, ERR_DEVICE, ERR_DTYPE, ERR_OUT_OF_MEMORY, the
   *   hub's ERR_NETWORK, ERR_OFFLINE, ERR_CHECKSUM, or AbortError
   */
  static load(model?: string, options: DetectorOptions = {}): Promise<Detector> {
    for (const [name, value] of [
      ['model', model],
      ['options.adapter', options?.adapter],
    ] as const) {
      if (value !== undefined && (typeof value !== 'string' || value === '')) {
        throw invalidArgument(name, 'a folder or hub id', value);
      }
    }
    checkRuntimeOptions(options);
    resolveOptions(DETECTOR_OPTIONS, options);
    checkSignal(options.signal);
    return loadDetectorParts(model, options).then((parts) => new Detector(parts));
  }

  get info(): DetectorInfo {
    return this.#parts.info;
  }

  /** Scores with from <= P(fake) < to are called unsure. Set it to move the band. */
  get unsureBand(): UnsureBand {
    return this.#unsureBand;
  }

  set unsureBand(band: UnsureBand) {
    this.#unsureBand = checkUnsureBand(band);
  }

  /**
   * Is this photo real or generated?
   *
   * Concurrent calls share batches. Another company in a batch may round a logit's last bits differently on some
   * processors (none was seen on AVX-512, fp32 and bf16); an array or `detectAll` repeats to the bit on all.
   *
   * @param input a path, the bytes of a JPEG, PNG or WebP (Uint8Array, ArrayBuffer, Blob), or a stream of them (Readable,
   *   ReadableStream); or an array of those, whose streams are closed when the call ends before it has read them
   * @param options batchSize (arrays), unsureBand, features (default false), signal
   * @throws TypeError, RangeError at once for wrong arguments
   * @returns rejects with ERR_IMAGE, ERR_IO, ERR_NONFINITE, ERR_OUT_OF_MEMORY, ERR_DISPOSED or AbortError; of an
   *   array, with the first failure in its order (`detectAll` goes on)
   */
  detect(input: ImageInput, options?: DetectOptions): Promise<Detection>;
  detect(inputs: readonly ImageInput[], options?: DetectOptions): Promise<Detection[]>;
  detect(
    input: ImageInput | readonly ImageInput[],
    options: DetectOptions = {},
  ): Promise<Detection | Detection[]> {
    checkDetectOptions(options);
    if (!Array.isArray(input)) {
      checkImageInput(input);
      return this.#detectOne(input, options);
    }
    input.forEach((item) => checkImageInput(item));
    return this.#detectEvery(input as readonly ImageInput[], options);
  }

  /**
   * Scores many images in their order; one that fails is reported in its place and the rest go on. Reading
   * runs ahead of the network by at most four batches. Batches hold consecutive images of this source only: the
   * same sequence and batch size give the same bits (of an async source that stalls, a batch is cut early).
   *
   * Streams of an array or a Set that are not read, because the loop is left, aborted or fails, are closed with it; so are
   * those that anything else has given out. Streams that it still keeps are its own, and so are their errors.
   *
   * @param inputs anything to iterate over, also asynchronously; not a stream of bytes, which is one image
   * @throws TypeError, RangeError at once for wrong arguments
   * @returns ends with AbortError, ERR_DISPOSED, ERR_OUT_OF_MEMORY
   */
  detectAll<I extends ImageInput>(
    inputs: Iterable<I> | AsyncIterable<I>,
    options: DetectOptions = {},
  ): AsyncGenerator<DetectionOutcome<I>, void, undefined> {
    if (!isIterable(inputs) || inputs instanceof Uint8Array) {
      throw invalidArgument('inputs', 'an iterable of images', inputs);
    }
    if (isByteStream(inputs)) {
      throw invalidArgument('inputs', 'an iterable of images, such as [stream] (a stream of bytes is one image),', inputs);
    }
    checkDetectOptions(options);
    return this.#detectClaimed(inputs as Iterable<I> | AsyncIterable<I>, options);
  }

  /**
   * Shows which places moved the score: of a ViT by gradient-weighted attention rollout (equations:
   * native/pipelines/attention_rollout.h), of an Xception by Grad-CAM (Selvaraju et al. 2017). With tta "flip" the
   * map is, as the score is, the mean of the image's and of its mirror image's, mirrored back: at twice the work. Maps
   * are computed one by one.
   *
   * @returns rejects as `detect` does, and with ERR_BUSY when hundreds of maps are waiting
   */
  heatmap(input: ImageInput, options: DetectorHeatmapOptions = {}): Promise<HeatmapResult> {
    checkImageInput(input);
    resolveOptions({}, options);
    checkSignal(options.signal);
    if (options.direction !== undefined && !['real', 'fake'].includes(options.direction)) {
      throw invalidArgument('direction', 'real or fake', options.direction);
    }
    return this.#heatmap(input, options);
  }

  /** Frees the weights. Calls whose batch runs finish, others reject with ERR_DISPOSED. Idempotent. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#batcher.close(
      new DeepcodeError('ERR_DISPOSED', 'The detector was disposed of. Load it again.'),
    );
    this.#parts.network.dispose();
  }

  [DISPOSE](): void {
    this.dispose();
  }

  #checkAlive(): void {
    if (this.#disposed)
      throw new DeepcodeError('ERR_DISPOSED', 'The detector was disposed of. Load it again.');
  }

  #forward(images: Uint8Array, count: number, signal: AbortSignal): Promise<ImageScores> {
    return callNative(signal, (_, token) => this.#parts.network.forward(images, count, token));
  }

  #toDetection(scores: ImageScores, options: DetectOptions): Detection {
    const unsureBand = options.unsureBand ?? this.#unsureBand;
    const detection = toDetection(scores.logits, {
      temperature: this.info.temperature,
      unsureBand,
    });
    return options.features ? { ...detection, features: scores.features } : detection;
  }

  /** A stream that comes too late is closed. */
  async #settle(input: ImageInput, signal: AbortSignal | undefined): Promise<string | Uint8Array> {
    if (this.#disposed) claimStreams([input])();
    this.#checkAlive();
    return settleInput(input, signal);
  }

  async #detectOne(input: ImageInput, options: DetectOptions): Promise<Detection> {
    const { signal } = options;
    const source = await this.#settle(input, signal);
    await this.#slots.acquire(signal);
    try {
      const pixels = await abortable(this.#parts.prepare(source, signal), signal);
      return this.#toDetection(await this.#batcher.score(pixels, signal), options);
    } finally {
      this.#slots.release();
    }
  }

  async #detectEvery(inputs: readonly ImageInput[], options: DetectOptions): Promise<Detection[]> {
    const detections: Detection[] = [];
    for await (const { detection, error } of this.#detectClaimed(inputs, options)) {
      if (error) throw error;
      detections.push(detection);
    }
    return detections;
  }

  /** From this call on, not from the first item on, the streams of a list are heard. */
  #detectClaimed<I extends ImageInput>(
    inputs: Iterable<I> | AsyncIterable<I>,
    options: DetectOptions,
  ): AsyncGenerator<DetectionOutcome<I>, void, undefined> {
    const isList = Array.isArray(inputs) || inputs instanceof Set;
    const close = claimStreams(isList ? (inputs as Iterable<I>) : []);
    return this.#detectMany(inputs, options, close);
  }

  async *#detectMany<I extends ImageInput>(
    inputs: Iterable<I> | AsyncIterable<I>,
    options: DetectOptions,
    close: () => void,
  ): AsyncGenerator<DetectionOutcome<I>, void, undefined> {
    try {
      this.#checkAlive();
      const batchSize = options.batchSize ?? this.#parts.batchSize;
      const prepare = async (input: I, signal: AbortSignal): Promise<Uint8Array> => {
        checkImageInput(input);
        return this.#parts.prepare(await settleInput(input, signal), signal);
      };
      const many = { batchSize, signal: options.signal, batcher: this.#batcher };
      for await (const { item: input, outcome } of scoreMany(inputs, prepare, many)) {
        if (outcome instanceof Error) yield { input, error: outcome };
        else yield { input, detection: this.#toDetection(outcome, options) };
      }
    } finally {
      close();
    }
  }

  async #heatmap(
    input: ImageInput,
    { direction, signal }: DetectorHeatmapOptions,
  ): Promise<HeatmapResult> {
    const { network, prepare, info } = this.#parts;
    const pixels = await abortable(prepare(await this.#settle(input, signal), signal), signal);
    const detection = this.#toDetection(await this.#batcher.score(pixels, signal), {});
    const towards = direction ?? (detection.score >= info.threshold ? 'fake' : 'real');
    this.#checkAlive();
    const values = await callNative(signal, (_, token) =>
      network.heatmap(pixels, 1, towards === 'fake' ? 1 : -1, token),
    );
    const [, height, width] = info.inputSize;
    const map = { values, rows: network.gridRows, columns: network.gridColumns };
    const picture = renderHeatmap({
      image: { data: pixels, width, height },
      map,
      score: detection.score,
    });
    const png = await abortable(picture, signal);
    return { png, map, direction: towards, detection };
  }
}
