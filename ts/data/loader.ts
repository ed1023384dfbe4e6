/**
 * Batches of network inputs, read ahead of the consumer. Results depend on the items alone: order, worker count
 * and cache never change a pixel.
 */
import { AbortError, DeepcodeError } from '../errors.js';
import { allowManyListeners } from '../abortable.js';
import { mapAhead } from '../detect/map-ahead.js';
import { Semaphore } from '../detect/semaphore.js';
import { integer, resolveOptions } from '../options.js';
import { augmentedCrop, type AugmentationPolicy } from './augmentation.js';
import { decodeImage } from './decode.js';
import { ImageCache } from './image-cache.js';
import type { Preprocessing } from './preprocess.js';
import { makePseudoFake, type PseudoFakeKind } from './pseudo-fakes.js';
import type { RgbImage } from './rgb-image.js';

export const LOADER_OPTIONS = {
  workers: integer({ default: 4, min: 1, max: 64, help: 'images decoded at the same time' }),
  ahead: integer({ default: 96, min: 1, max: 100_000, help: 'images prepared before they are asked for' }),
  cacheMegabytes: integer({ default: 0, min: 0, max: 1 << 20, help: 'memory for decoded images between epochs' }),
} as const;

export interface LoaderItem {
  /** Of a JPEG, PNG or WebP file. */
  path: string;
  label: 0 | 1;
  /** Seed of the augmentation, 0 to 2^32 - 1; null: none. */
  augmentSeed: number | null;
  /** Seed of the pseudo-fake that is shown instead of the image, 0 to 2^32 - 1; null or absent: none. */
  pseudoFakeSeed?: number | null | undefined;
}

export interface ItemFailure<I> {
  item: I;
  /** One sentence: why the image could not be read. */
  reason: string;
}

export interface LoadedImages<I> {
  /** count x height x width x 3 bytes: the images that could be read, in order. */
  images: Uint8Array;
  /** count labels. */
  labels: Uint8Array;
  count: number;
  /** The items behind `images`, one each. */
  items: I[];
  failures: ItemFailure<I>[];
}

/** From a decoded image to inputSize height x width x 3 bytes. */
export type ImageTransform<I> = (image: RgbImage, item: I) => Promise<Uint8Array>;

export interface LoaderOptions<I extends LoaderItem = LoaderItem> {
  preprocessing: Preprocessing;
  /** For items that have an augmentSeed. Default: none. */
  augmentation?: AugmentationPolicy | undefined;
  /** Kinds of pseudo-fakes, for items that have a pseudoFakeSeed. Default: all. */
  pseudoFakeKinds?: readonly PseudoFakeKind[] | undefined;
  /** Replaces pseudo-fakes, augmentation and crop altogether. */
  transform?: ImageTransform<I> | undefined;
  /** Images decoded at the same time, 1 to 64. Default 4. */
  workers?: number | undefined;
  /** Images prepared before they are asked for. Default 96. */
  ahead?: number | undefined;
  /** Memory for decoded images, in MiB, kept between calls. Default 0. */
  cacheMegabytes?: number | undefined;
}

type Loaded<I> = { item: I; pixels: Uint8Array; failure?: undefined } | { item: I; failure: string };

function collect<I extends LoaderItem>(loaded: readonly Loaded<I>[], imageBytes: number): LoadedImages<I> {
  const good = loaded.flatMap((each) => (each.failure === undefined ? [each] : []));
  const images = new Uint8Array(good.length * imageBytes);
  good.forEach(({ pixels }, i) => images.set(pixels, i * imageBytes));
  return {
    images,
    labels: Uint8Array.from(good, ({ item }) => item.label),
    count: good.length,
    items: good.map(({ item }) => item),
    failures: loaded.flatMap(({ item, failure }) => (failure === undefined ? [] : [{ item, reason: failure }])),
  };
}

async function defaultTransform<I extends LoaderItem>(
  image: RgbImage,
  { pseudoFakeSeed, augmentSeed }: I,
  { preprocessing, augmentation, pseudoFakeKinds }: LoaderOptions<I>,
): Promise<Uint8Array> {
  const isFake = typeof pseudoFakeSeed === 'number';
  const shown = isFake ? await makePseudoFake(image, pseudoFakeSeed, pseudoFakeKinds) : image;
  return augmentedCrop(shown, preprocessing, augmentation, augmentSeed);
}

/** Loads images of data sets for training and evaluation. One loader may serve many passes. */
export class ImageLoader<I extends LoaderItem = LoaderItem> {
  readonly #transform: ImageTransform<I>;
  readonly #imageBytes: number;
  readonly #cache: ImageCache;
  readonly #workers: number;
  readonly #ahead: number;

  constructor(options: LoaderOptions<I>) {
    const { workers, ahead, cacheMegabytes } = resolveOptions(LOADER_OPTIONS, options);
    const { preprocessing } = options;
    const [, height, width] = preprocessing.inputSize;
    this.#transform = options.transform ?? ((image, item) => defaultTransform(image, item, options));
    this.#imageBytes = height * width * 3;
    this.#cache = new ImageCache(cacheMegabytes * 2 ** 20);
    this.#workers = workers;
    this.#ahead = ahead;
  }

  /**
   * One LoadedImages a batch that has items, in order. Images that cannot be read (ERR_IMAGE, ERR_IO) are in
   * its failures; a batch may be empty for that. Leaving the loop early stops reading.
   *
   * @returns ends with AbortError when `signal` is aborted, and with any other failure
   */
  async *batches(
    batches: Iterable<readonly I[]>,
    signal?: AbortSignal,
  ): AsyncGenerator<LoadedImages<I>, void, undefined> {
    allowManyListeners(signal);
    const sizes: number[] = [];
    function* items(): Generator<I> {
      for (const batch of batches) {
        if (batch.length > 0) sizes.push(batch.length);
        yield* batch;
      }
    }
    const workers = new Semaphore(this.#workers);
    const loaded = mapAhead(items(), this.#ahead, (item) => this.#loadOne(item, workers, signal), signal);
    let batch: Loaded<I>[] = [];
    for await (const each of loaded) {
      batch.push(each);
      if (batch.length < sizes[0]!) continue;
      sizes.shift();
      yield collect(batch, this.#imageBytes);
      batch = [];
    }
  }

  async #loadOne(item: I, workers: Semaphore, signal: AbortSignal | undefined): Promise<Loaded<I>> {
    await workers.acquire(signal);
    try {
      return { item, pixels: await this.#transform(await this.#decode(item.path, signal), item) };
    } catch (error) {
      if (error instanceof AbortError || !(error instanceof DeepcodeError)) throw error;
      if (error.code !== 'ERR_IMAGE' && error.code !== 'ERR_IO') throw error;
      return { item, failure: error.message };
    } finally {
      workers.release();
    }
  }

  async #decode(path: string, signal: AbortSignal | undefined): Promise<RgbImage> {
    const known = this.#cache.get(path);
    if (known) return known;
    const image = await decodeImage(path, { signal });
    this.#cache.add(path, image);
    return image;
  }
}
