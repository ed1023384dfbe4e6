/** How far apart images are by the Gram matrices of their VGG-19 features. */
import { checkImageInput, type ImageInput } from '../../data/image-input.js';
import { claimStreams } from '../../data/image-streams.js';
import { prepareImage, type Preprocessing } from '../../data/preprocess.js';
import { allowManyListeners } from '../../abortable.js';
import { DeepcodeError, invalidArgument } from '../../errors.js';
import { callNative } from '../../native.js';
import type { NativeGram } from '../../native/gram.js';
import { resolveOptions } from '../../options.js';
import { checkRuntimeOptions, resolveRuntime } from '../../runtime.js';
import { parseLayers, type WeightedLayer } from './layers.js';
import { GRAM_OPTIONS, type GramOptions, type ResolvedGramOptions } from './options.js';

/** Node 20 has the symbol; older type definitions and bundlers may not. */
const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

/** ImageNet's, which torchvision's weights were trained with. */
const MEAN = [0.485, 0.456, 0.406] as const;
const STD = [0.229, 0.224, 0.225] as const;

export interface GramLayerDistance extends WeightedLayer {
  /** Of the two Gram matrices, before the weight. */
  readonly distance: number;
}

export interface GramResult {
  /** Sum over the layers of weight x distance; 0 for equal images. */
  readonly distance: number;
  readonly layers: readonly GramLayerDistance[];
}

/** A reference with its distance, or with why it has none. */
export type GramOutcome<I extends ImageInput = ImageInput> =
  | { readonly reference: I; readonly result: GramResult; readonly error?: undefined }
  | { readonly reference: I; readonly result?: undefined; readonly error: DeepcodeError };

export interface GramCallOptions {
  readonly signal?: AbortSignal | undefined;
}

type Prepared<I> = { reference: I } & ({ pixels: Uint8Array; error?: undefined } | { pixels?: undefined; error: DeepcodeError });

function checkCallOptions(options: GramCallOptions): void {
  resolveOptions({}, options);
  checkSignal(options.signal);
}

function checkSignal(signal: unknown): void {
  if (signal === undefined) return;
  if (!(signal instanceof AbortSignal)) throw invalidArgument('signal', 'an AbortSignal', signal);
  allowManyListeners(signal);
}

/** The shortest side becomes `size` (bilinear, as torchvision resizes), and the middle is cut out. */
const preprocessingOf = (size: number): Preprocessing => ({
  inputSize: [3, size, size],
  interpolation: 'bilinear',
  cropPct: 1,
  cropMode: 'center',
  mean: MEAN,
});

function joined<T extends Uint8Array | Float32Array>(parts: readonly T[], make: (length: number) => T): T {
  const whole = make(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function resultsOf(outcomes: AsyncIterable<GramOutcome>): Promise<GramResult[]> {
  const results: GramResult[] = [];
  for await (const { result, error } of outcomes) {
    if (error !== undefined) throw error;
    results.push(result);
  }
  return results;
}

export class GramComparer {
  readonly #network: NativeGram;
  readonly #options: ResolvedGramOptions;
  readonly #layers: readonly WeightedLayer[];
  readonly #preprocessing: Preprocessing;

  private constructor(network: NativeGram, options: ResolvedGramOptions, layers: readonly WeightedLayer[]) {
    this.#network = network;
    this.#options = options;
    this.#layers = layers;
    this.#preprocessing = preprocessingOf(options.size);
  }

  /**
   * Loads VGG-19.
   *
   * @param weights a .safetensors file with the keys of torchvision's vgg19 (its .pth through `deepcode convert`)
   * @param options layers, distance, features, unnormalized, size, batchSize (options.ts); device, dtype, threads; signal
   * @throws TypeError, RangeError at once for wrong arguments
   * @returns rejects with ERR_IO, ERR_WEIGHTS_*, ERR_DEVICE, ERR_DTYPE, ERR_OUT_OF_MEMORY or AbortError
   */
  static load(weights: string, options: GramOptions = {}): Promise<GramComparer> {
    if (typeof weights !== 'string' || weights === '') throw invalidArgument('weights', 'a .safetensors file', weights);
    const resolved = resolveOptions(GRAM_OPTIONS, options);
    const layers = parseLayers(resolved.layers);
    checkRuntimeOptions(options);
    checkSignal(options.signal);
    return GramComparer.#open(weights, options, resolved, layers);
  }

  static async #open(
    weights: string,
    options: GramOptions,
    resolved: ResolvedGramOptions,
    layers: readonly WeightedLayer[],
  ): Promise<GramComparer> {
    const spec = {
      layers: layers.map(({ name }) => name),
      afterRelu: resolved.features === 'relu',
      normalized: !resolved.unnormalized,
      size: resolved.size,
      mean: MEAN,
      std: STD,
      weights,
      ...resolveRuntime(options),
    };
    const network = await callNative(options.signal, (addon, token) => addon.gramLoad(spec, token));
    return new GramComparer(network, resolved, layers);
  }

  /** The layers that are compared, in the network's order. */
  get layers(): readonly WeightedLayer[] {
    return this.#layers;
  }

  /**
   * How far apart two images are, with one forward for both.
   *
   * @returns rejects with ERR_IMAGE, ERR_IO, ERR_NONFINITE, ERR_OUT_OF_MEMORY, ERR_DISPOSED or AbortError
   */
  distance(a: ImageInput, b: ImageInput, options: GramCallOptions = {}): Promise<GramResult> {
    return this.distances(a, [b], options).then(([result]) => result!);
  }

  /** As `distance`, of one image to many, in their order. Rejects with the first failure (`compareAll` goes on). */
  distances(image: ImageInput, references: readonly ImageInput[], options: GramCallOptions = {}): Promise<GramResult[]> {
    return resultsOf(this.compareAll(image, references, options));
  }

  /**
   * Compares one image to many, which share its forward; a reference that cannot be read is reported in its place.
   * Streams that are not read, because the loop is left or fails, are closed with it.
   *
   * @throws TypeError at once for wrong arguments
   * @returns ends with what `distance` rejects with, when it concerns `image` or the whole batch
   */
  compareAll<I extends ImageInput>(
    image: ImageInput,
    references: readonly I[],
    options: GramCallOptions = {},
  ): AsyncGenerator<GramOutcome<I>, void, undefined> {
    checkImageInput(image);
    if (!Array.isArray(references)) throw invalidArgument('references', 'an array of images', references);
    references.forEach((reference) => checkImageInput(reference));
    checkCallOptions(options);
    return this.#compareAll(image, references, options.signal, claimStreams([image, ...references]));
  }

  /** The Gram matrices of an image: those of all layers, one after another. */
  grams(image: ImageInput, options: GramCallOptions = {}): Promise<Float32Array> {
    checkImageInput(image);
    checkCallOptions(options);
    const { signal } = options;
    return prepareImage(image, this.#preprocessing, { signal }).then((pixels) => this.#forward([pixels], signal));
  }

  /** Distances between what `grams` gave for one image and for others. */
  gramDistances(
    gram: Float32Array,
    others: readonly Float32Array[],
    options: GramCallOptions = {},
  ): Promise<GramResult[]> {
    if (!(gram instanceof Float32Array)) throw invalidArgument('gram', 'what grams gave', gram);
    if (!Array.isArray(others) || !others.every((other) => other instanceof Float32Array && other.length === gram.length)) {
      throw invalidArgument('others', 'an array of what grams gave', others);
    }
    checkCallOptions(options);
    if (others.length === 0) return Promise.resolve([]);
    return this.#measure(gram, joined(others, (length) => new Float32Array(length)), options.signal);
  }

  /** Frees the weights. Idempotent; calls in flight finish. */
  dispose(): void {
    this.#network.dispose();
  }

  [DISPOSE](): void {
    this.dispose();
  }

  async *#compareAll<I extends ImageInput>(
    image: ImageInput,
    references: readonly I[],
    signal: AbortSignal | undefined,
    close: () => void,
  ): AsyncGenerator<GramOutcome<I>, void, undefined> {
    try {
      let subject: Uint8Array | Float32Array = await prepareImage(image, this.#preprocessing, { signal });
      for (let start = 0; start < references.length; ) {
        // The first batch holds the image itself; of later ones its matrices are known.
        const end = start + this.#options.batchSize - (subject instanceof Uint8Array ? 1 : 0);
        const batch = await Promise.all(references.slice(start, end).map((reference) => this.#prepare(reference, signal)));
        const [gram, results]: [Uint8Array | Float32Array, GramResult[]] = await this.#compareBatch(subject, batch, signal);
        subject = gram;
        for (const { reference, error } of batch) {
          yield error === undefined ? { reference, result: results.shift()! } : { reference, error };
        }
        start = end;
      }
    } finally {
      close();
    }
  }

  /** `subject`: pixels, or its matrices. Gives its matrices, or pixels still when nothing was there to compare to. */
  async #compareBatch(
    subject: Uint8Array | Float32Array,
    batch: readonly Prepared<ImageInput>[],
    signal: AbortSignal | undefined,
  ): Promise<[Uint8Array | Float32Array, GramResult[]]> {
    const pixels = batch.flatMap(({ pixels }) => (pixels === undefined ? [] : [pixels]));
    if (pixels.length === 0) return [subject, []];
    if (subject instanceof Float32Array) return [subject, await this.#measure(subject, await this.#forward(pixels, signal), signal)];
    const all = await this.#forward([subject, ...pixels], signal);
    const values = all.length / (1 + pixels.length);
    const gram = all.slice(0, values);
    return [gram, await this.#measure(gram, all.subarray(values), signal)];
  }

  async #prepare<I extends ImageInput>(reference: I, signal: AbortSignal | undefined): Promise<Prepared<I>> {
    try {
      return { reference, pixels: await prepareImage(reference, this.#preprocessing, { signal }) };
    } catch (error) {
      if (error instanceof DeepcodeError && !signal?.aborted) return { reference, error };
      throw error;
    }
  }

  #forward(pixels: readonly Uint8Array[], signal: AbortSignal | undefined): Promise<Float32Array> {
    const images = joined(pixels, (length) => new Uint8Array(length));
    return callNative(signal, (_, token) => this.#network.grams(images, pixels.length, token));
  }

  async #measure(gram: Float32Array, others: Float32Array, signal: AbortSignal | undefined): Promise<GramResult[]> {
    const { distance: kind } = this.#options;
    const distances = await callNative(signal, (_, token) => this.#network.distances(gram, others, kind, token));
    const count = distances.length / this.#layers.length;
    return Array.from({ length: count }, (_, i) => {
      const layers = this.#layers.map((layer, j) => ({ ...layer, distance: distances[i * this.#layers.length + j]! }));
      return { distance: layers.reduce((sum, layer) => sum + layer.weight * layer.distance, 0), layers };
    });
  }
}
