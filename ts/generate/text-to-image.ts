/** Stable Diffusion from code: images from a prompt, or from a prompt and an image. */
import { randomInt } from 'node:crypto';
import { allowManyListeners } from '../abortable.js';
import { DeepcodeError, invalidArgument } from '../errors.js';
import { resolveOptions } from '../options.js';
import { checkRuntimeOptions } from '../runtime.js';
import { drawImages, foreseeDrawing, type DrawPlan } from './draw-images.js';
import { Generation } from './generation.js';
import { checkLatents } from './latents.js';
import { checkGenerateOptions, checkPrompt, GENERATE_OPTIONS, LOAD_OPTIONS } from './options.js';
import { checkSourceImage } from './source-image.js';
import { loadTextToImageParts, type ModelOutline, type TextToImageParts } from './text-to-image-parts.js';
import type { GenerateOptions, LoraOption, PromptReport, TextToImageInfo, TextToImageOptions } from './types.js';

/** Node 20 has the symbol; older type definitions and bundlers may not. */
const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

/** Random seeds are short enough to be typed. */
const RANDOM_SEEDS = 2 ** 32;

const MAX_LORA_SCALE = 100;

function checkSignal(signal: unknown): void {
  if (signal === undefined) return;
  if (!(signal instanceof AbortSignal)) throw invalidArgument('signal', 'an AbortSignal', signal);
  allowManyListeners(signal);
}

function checkLora(lora: LoraOption): void {
  const { path, scale = 1 } = lora ?? {};
  if (typeof path !== 'string' || path === '') throw invalidArgument('loras', 'files { path, scale }', path);
  if (typeof scale !== 'number' || !(Math.abs(scale) <= MAX_LORA_SCALE)) {
    throw invalidArgument(`the scale of ${path}`, `a number from -${MAX_LORA_SCALE} to ${MAX_LORA_SCALE}`, scale);
  }
}

function checkLoadOptions(model: unknown, options: TextToImageOptions): void {
  if (typeof model !== 'string' || model === '') throw invalidArgument('model', 'a folder, a file or a hub id', model);
  checkRuntimeOptions(options);
  resolveOptions(LOAD_OPTIONS, options);
  if (options.variant !== undefined && !/^[\w-]+$/.test(options.variant)) {
    throw invalidArgument('variant', 'a name such as fp16', options.variant);
  }
  const { loras = [] } = options;
  if (!Array.isArray(loras)) throw invalidArgument('loras', 'an array', loras);
  loras.forEach(checkLora);
  checkSignal(options.signal);
}

function planOf(given: string | GenerateOptions): DrawPlan {
  const options = typeof given === 'string' ? { prompt: given } : given;
  const resolved = resolveOptions(GENERATE_OPTIONS, options);
  const { image, latents, preview = false, onWarning, signal } = options;
  const prompt = checkPrompt('prompt', options.prompt, false);
  checkGenerateOptions(resolved, image !== undefined);
  if (typeof preview !== 'boolean') throw invalidArgument('preview', 'a boolean', preview);
  if (onWarning !== undefined && typeof onWarning !== 'function') throw invalidArgument('onWarning', 'a function', onWarning);
  if (image !== undefined) checkSourceImage(image);
  if (latents !== undefined) checkLatents(latents);
  if (image !== undefined && latents !== undefined) throw invalidArgument('latents', 'nothing beside an image', latents);
  checkSignal(signal);
  const seed = resolved.seed ?? randomInt(RANDOM_SEEDS);
  return { ...resolved, prompt, seed, image, latents, preview, onWarning, signal };
}

export class TextToImage {
  readonly #parts: TextToImageParts;
  #disposed = false;

  /** Made by {@link TextToImage.load}. */
  constructor(parts: TextToImageParts) {
    this.#parts = parts;
  }

  /**
   * Loads a Stable Diffusion 1.x or 2.x model, or a smaller one of the family.
   *
   * @param model a folder in diffusers' layout, a single .safetensors checkpoint of SD 1.x, or a hub id
   * @param options device "auto" (default), "cpu", "cuda", "cuda:N"; dtype "auto" (default: fp32 on a processor, fp16
   *   on CUDA), "fp32", "bf16", "fp16"; threads: 0 (default) to 1024, for the whole process. variant: "fp16" takes the
   *   files of that name. loras: folded into the weights. safetyChecker (default true): use the one that comes with
   *   the model. config: for a single file, a folder with its tokenizer. cudaGraphs (default true): on CUDA, record a
   *   step's kernels once and start them as a whole. check: what `generate` will be given, to be refused before the
   *   weights are loaded if it does not fit the model. signal: aborts the load.
   * @throws TypeError, RangeError at once for wrong arguments
   * @returns rejects with ERR_IO naming what is missing, ERR_CONFIG, ERR_WEIGHTS_*, ERR_DEVICE, ERR_DTYPE,
   *   ERR_OUT_OF_MEMORY, the hub's ERR_NETWORK, ERR_OFFLINE, ERR_CHECKSUM, or AbortError
   */
  static load(model: string, options: TextToImageOptions = {}): Promise<TextToImage> {
    checkLoadOptions(model, options);
    const plan = options.check && planOf(options.check);
    const foresee = plan && ((outline: ModelOutline): Promise<void> => foreseeDrawing(outline, plan));
    return loadTextToImageParts(model, options, foresee).then((parts) => new TextToImage(parts));
  }

  get info(): TextToImageInfo {
    return this.#parts.info;
  }

  /**
   * Draws images. The work starts at once; `await` the result for the images, iterate over it for the steps.
   *
   * Image k is drawn from seed + k and is the same alone or among others, and in every process. With a `batchSize`
   * over 1, last bits may differ from those of an image alone.
   *
   * @throws TypeError, RangeError at once for wrong arguments
   * @returns rejects with ERR_IMAGE and ERR_IO (`image`), ERR_CONFIG (a sampler that does not fit the model),
   *   ERR_NONFINITE, ERR_OUT_OF_MEMORY, ERR_DISPOSED, RangeError for latents or a size that do not fit the model, or
   *   AbortError
   */
  generate(options: string | GenerateOptions): Generation {
    const plan = planOf(options);
    return new Generation(async (onStep) => {
      this.#checkAlive();
      return drawImages(this.#parts, plan, onStep);
    });
  }

  /** How many tokens a prompt has, and which end of it the text encoder does not see. @throws TypeError, RangeError */
  inspectPrompt(prompt: string): PromptReport {
    checkPrompt('prompt', prompt, true);
    this.#checkAlive();
    const { tokens, truncated } = this.#parts.tokenize(prompt);
    return { tokens, truncated };
  }

  /** Frees the weights. Calls that run finish. Idempotent. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#parts.network.dispose();
    this.#parts.safety?.dispose();
  }

  [DISPOSE](): void {
    this.dispose();
  }

  #checkAlive(): void {
    if (this.#disposed) throw new DeepcodeError('ERR_DISPOSED', 'The model was disposed of. Load it again.');
  }
}
