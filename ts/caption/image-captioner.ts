/** Captions of images, from a model folder of transformers. */
import { checkImageInput, type ImageInput } from '../data/image-input.js';
import { prepareImage } from '../data/preprocess.js';
import { allowManyListeners } from '../abortable.js';
import { invalidArgument, outOfRange } from '../errors.js';
import { callNative } from '../native.js';
import type { NativeCaptioner } from '../native/captioner.js';
import { resolveOptions } from '../options.js';
import { checkRuntimeOptions, resolveRuntime } from '../runtime.js';
import { readCaptionModel, type CaptionModel } from './model-folder.js';
import { CAPTION_OPTIONS, type CaptionerOptions, type CaptionOptions, type ResolvedCaptionOptions } from './options.js';

/** Node 20 has the symbol; older type definitions and bundlers may not. */
const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

export interface Caption {
  /** Empty when the model ended at once. */
  text: string;
  /** log P / length^lengthPenalty: at most 0, the higher the more probable. */
  score: number;
  /** Token ids from the start to the end, both included; without an end when maxLength cut it off. */
  ids: Int32Array;
}

export interface ImageCaptions {
  /** The best caption. */
  text: string;
  score: number;
  /** All that were asked for, the best first. */
  captions: readonly Caption[];
}

function checkSignal(signal: unknown): void {
  if (signal === undefined) return;
  if (!(signal instanceof AbortSignal)) throw invalidArgument('signal', 'an AbortSignal', signal);
  allowManyListeners(signal);
}

/** @throws TypeError, RangeError; also for more captions than beams */
export function checkCaptionOptions(options: CaptionOptions): ResolvedCaptionOptions {
  const resolved = resolveOptions(CAPTION_OPTIONS, options);
  if (resolved.count > resolved.beams) throw outOfRange('count', `at most beams, ${resolved.beams}`, resolved.count);
  checkSignal(options.signal);
  return resolved;
}

export class ImageCaptioner {
  readonly #model: CaptionModel;
  readonly #network: NativeCaptioner;

  private constructor(model: CaptionModel, network: NativeCaptioner) {
    this.#model = model;
    this.#network = network;
  }

  /**
   * Loads a captioner.
   *
   * @param model a folder of transformers' VisionEncoderDecoderModel with ViT and GPT-2 (config.json,
   *   preprocessor_config.json, model.safetensors, vocab.json and merges.txt or tokenizer.json), or a hub id
   * @param options device, dtype, threads; signal
   * @throws TypeError, RangeError at once for wrong arguments
   * @returns rejects with ERR_IO, ERR_CONFIG, ERR_WEIGHTS_*, ERR_DEVICE, ERR_DTYPE, ERR_OUT_OF_MEMORY, the hub's
   *   errors, or AbortError
   */
  static load(model: string, options: CaptionerOptions = {}): Promise<ImageCaptioner> {
    if (typeof model !== 'string' || model === '') throw invalidArgument('model', 'a folder or hub id', model);
    checkRuntimeOptions(options);
    checkSignal(options.signal);
    return ImageCaptioner.#open(model, options);
  }

  static async #open(path: string, options: CaptionerOptions): Promise<ImageCaptioner> {
    const { signal } = options;
    const model = await readCaptionModel(path, signal);
    const { config, preprocessing, weights } = model;
    const { mean, std } = preprocessing;
    const spec = { encoder: config.encoder, decoder: config.decoder, weights, mean, std, ...resolveRuntime(options) };
    const network = await callNative(signal, (addon, token) => addon.captionerLoad(spec, token));
    return new ImageCaptioner(model, network);
  }

  /**
   * Says what is in a picture.
   *
   * @param image a path, the bytes of a JPEG, PNG or WebP, or a stream of them
   * @param options beams 1 to 64, default 4; count (captions, at most beams), default 1; maxLength 2 to the model's
   *   longest, default 16; lengthPenalty -10 to 10, default 1; earlyStopping 'no' (default), 'yes', 'never'; signal
   * @throws TypeError, RangeError at once for wrong arguments, also for what this model cannot do
   * @returns rejects with ERR_IMAGE, ERR_IO, ERR_NONFINITE, ERR_OUT_OF_MEMORY, ERR_DISPOSED or AbortError
   */
  caption(image: ImageInput, options: CaptionOptions = {}): Promise<ImageCaptions> {
    checkImageInput(image);
    const resolved = checkCaptionOptions(options);
    this.#checkModel(resolved);
    return this.#caption(image, resolved, options.signal);
  }

  /** Frees the weights. Idempotent; calls in flight finish. */
  dispose(): void {
    this.#network.dispose();
  }

  [DISPOSE](): void {
    this.dispose();
  }

  #checkModel({ maxLength, beams }: ResolvedCaptionOptions): void {
    const { nPositions, vocabSize } = this.#model.config.decoder;
    if (maxLength > nPositions) throw outOfRange('maxLength', `at most ${nPositions} for this model`, maxLength);
    if (2 * beams > vocabSize) throw outOfRange('beams', `at most ${Math.floor(vocabSize / 2)} for this model`, beams);
  }

  async #caption(image: ImageInput, options: ResolvedCaptionOptions, signal: AbortSignal | undefined): Promise<ImageCaptions> {
    const { config, preprocessing, decoder } = this.#model;
    const pixels = await prepareImage(image, preprocessing, { signal });
    const search = { ...options, startId: config.startId, endId: config.endId };
    const found = await callNative(signal, (_, token) => this.#network.caption(pixels, search, token));
    const captions = found.map(({ ids, score }) => ({ text: decoder.decode(ids), score, ids }));
    const [{ text, score }] = captions as [Caption];
    return { text, score, captions };
  }
}
