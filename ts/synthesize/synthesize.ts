/** From a folder of real faces to a data set of real and generated ones, unattended and without losing what is done. */
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { findImages, type FoundImages } from '../data/find-images.js';
import { DeepcodeError } from '../errors.js';
import { calibrateGram } from '../generate/gram/calibration.js';
import { locateModel } from '../generate/model-files.js';
import { TextToImage } from '../generate/text-to-image.js';
import { producer } from '../package-version.js';
import { resolveRuntime, runtimeInfo, type RuntimeOptions } from '../runtime.js';
import { writeAtomicFile } from '../weights/atomic-folder.js';
import { lockFolder } from '../weights/folder-lock.js';
import { checkSameSettings, checkSameWeights, formatConfig, readConfig, type GramWeights, type SynthesisConfig } from './config.js';
import { writeContactSheets } from './contact-sheets.js';
import { drawPhotos } from './draw-photos.js';
import { PhotoNetworks } from './photo-networks.js';
import { openGramCheck, type GramCheck } from './gram-check.js';
import { JsonLines } from './json-lines.js';
import { checkSynthesizeOptions, type SynthesisSettings, type SynthesizeOptions } from './options.js';
import { imageNames } from './photos.js';
import { readPhotos, type ReadPhotos } from './read-photos.js';
import { isFinished, type FinishedRecord, type SynthesisRecord } from './record.js';
import { SynthesisFolder } from './synthesis-folder.js';

export interface SynthesisReport {
  /** Absolute path of the data set: real/, fake/, manifest.jsonl, config.json, contact sheets. */
  folder: string;
  /** Images in it; those of earlier runs included. */
  images: number;
  /** Images that this call drew. */
  drawn: number;
  /** Images within the threshold; the others are the nearest of several attempts. */
  accepted: number;
  /** Photos without an image; manifest.jsonl says why. */
  failed: number;
  /** Gram distance. */
  threshold: number;
  /** VGG-19's. */
  weights: GramWeights['kind'];
  seed: number;
  /** Absolute paths. */
  contactSheets: readonly string[];
}

/** Seeds that are drawn here are short enough to be typed. */
const RANDOM_SEEDS = 2 ** 32;

const RANDOM_WEIGHTS_NOTE =
  'No weights of VGG-19 were given: distances come from random weights, and say less of likeness. Pass --vgg to change that.';

class Synthesis {
  readonly #runtime: Pick<RuntimeOptions, 'device' | 'dtype' | 'threads'>;
  #config!: SynthesisConfig;

  constructor(
    private readonly options: SynthesizeOptions,
    private readonly settings: SynthesisSettings,
    private readonly folder: SynthesisFolder,
    private readonly found: FoundImages,
  ) {
    const { device, dtype, threads } = options;
    this.#runtime = { device, dtype, threads };
  }

  async run(): Promise<SynthesisReport> {
    const { settings } = this;
    const { signal, onDownload } = this.options;
    const stored = await readConfig(this.folder.config);
    const { dtype } = resolveRuntime(this.#runtime);
    if (stored) checkSameSettings(stored, { settings, dtype });
    // A model that is not there is found out now and not after hours of reading.
    await locateModel(settings.model, { ...settings, signal, onDownload });
    const check = await openGramCheck({ settings, signal, ...this.#runtime });
    try {
      await this.#begin(stored, check.weights, dtype);
      return await this.#work(check);
    } finally {
      check.comparer.dispose();
    }
  }

  async #begin(stored: SynthesisConfig | undefined, weights: GramWeights, dtype: SynthesisConfig['dtype']): Promise<void> {
    if (stored) checkSameWeights(stored.weights, weights);
    if (weights.kind === 'random') this.options.onNote?.(RANDOM_WEIGHTS_NOTE);
    const { settings } = this;
    const seed = settings.seed ?? randomInt(RANDOM_SEEDS);
    const threshold = settings.threshold === 'auto' ? null : Number(settings.threshold);
    const made = `${producer()}, libtorch ${runtimeInfo().torch}`;
    await this.#configure(stored ?? { settings: { ...settings, seed }, dtype, weights, threshold, calibration: null, producer: made });
  }

  async #configure(config: SynthesisConfig): Promise<void> {
    this.#config = config;
    await writeAtomicFile(this.folder.config, formatConfig(config));
  }

  async #work(check: GramCheck): Promise<SynthesisReport> {
    const read = await this.#read();
    const { finished, failed } = read;
    if (finished.length > 0) this.options.onNote?.(`${finished.length} images are there already and are kept.`);
    const manifest = await JsonLines.open<SynthesisRecord>(this.folder.manifest, [...finished, ...failed]);
    let records: SynthesisRecord[];
    try {
      if (this.#config.threshold === null && read.waiting.length > 0) await this.#calibrate(read, check);
      records = await this.#draw(read, check, manifest);
    } finally {
      await manifest.close();
    }
    return this.#finish([...finished, ...failed, ...records], records);
  }

  #read(): Promise<ReadPhotos> {
    const { signal, onDownload, onProgress, onRecord } = this.options;
    const networks = { settings: this.settings, signal, onDownload, ...this.#runtime };
    return readPhotos({
      folder: this.folder,
      found: this.found,
      openNetworks: () => PhotoNetworks.load(networks),
      signal,
      onProgress: onProgress ?? (() => undefined),
      onFailure: onRecord ?? (() => undefined),
    });
  }

  async #calibrate({ waiting }: ReadPhotos, { comparer }: GramCheck): Promise<void> {
    if (waiting.length < 2) {
      throw new DeepcodeError('ERR_DATASET', 'The threshold auto needs 2 photos or more, but 1 can be used. Give a number for --threshold.');
    }
    const { quantile, calibrationSamples: samples } = this.settings;
    const { signal, onProgress } = this.options;
    const paths = waiting.map(({ photo }) => photo.path);
    const calibration = await calibrateGram(comparer, paths, {
      quantile,
      samples,
      signal,
      onProgress: (done, total) => onProgress?.({ phase: 'calibrate', done, total, secondsLeft: undefined }),
    });
    const { threshold, images, distances } = calibration;
    await this.#configure({ ...this.#config, threshold, calibration: { quantile, photos: images, pairs: distances.length } });
  }

  async #draw({ waiting, finished }: ReadPhotos, { comparer }: GramCheck, manifest: JsonLines<SynthesisRecord>): Promise<SynthesisRecord[]> {
    if (waiting.length === 0) return [];
    const { signal, onDownload, onProgress, onRecord } = this.options;
    const { settings, threshold, weights } = this.#config;
    const { variant, config, safetyChecker, cudaGraphs } = settings;
    const check = { ...settings, prompt: 'a face' };
    const load = { variant, config, safetyChecker, cudaGraphs, check, signal, onDownload };
    const model = await TextToImage.load(settings.model, { ...load, ...this.#runtime });
    const given = new Map(finished.map(({ name, fake }) => [name, fake.slice('fake/'.length)]));
    try {
      return await drawPhotos({
        model, comparer, settings, manifest, waiting, signal,
        folder: this.folder,
        threshold: threshold!,
        weights: weights.kind,
        images: imageNames(this.found.images.map(({ name }) => name), given),
        onProgress: onProgress ?? (() => undefined),
        onRecord: onRecord ?? (() => undefined),
      }); // prettier-ignore
    } finally {
      model.dispose();
    }
  }

  async #finish(all: readonly SynthesisRecord[], drawn: readonly SynthesisRecord[]): Promise<SynthesisReport> {
    const finished = all.filter(isFinished);
    if (finished.length === 0) throw this.#nothing(all);
    const contactSheets = await writeContactSheets(finished, this.folder, this.options.signal);
    await this.folder.remove('readings.jsonl');
    const { threshold, weights, settings } = this.#config;
    return {
      folder: this.folder.path,
      images: finished.length,
      drawn: drawn.filter(isFinished).length,
      accepted: finished.filter(({ outcome }: FinishedRecord) => outcome === 'accepted').length,
      failed: all.length - finished.length,
      threshold: threshold!,
      weights: weights.kind,
      seed: settings.seed,
      contactSheets,
    };
  }

  #nothing(records: readonly SynthesisRecord[]): DeepcodeError {
    const [first] = records;
    const reason = first && !isFinished(first) ? ` The first, ${first.name.slice(-60)}: ${first.error.message.slice(0, 150)}` : '';
    return new DeepcodeError('ERR_DATASET', `No image was drawn, as all ${records.length} photos failed.${reason}`);
  }
}

async function run(options: SynthesizeOptions, settings: SynthesisSettings): Promise<SynthesisReport> {
  const folder = new SynthesisFolder(resolve(options.out));
  const found = await findImages(options.photos, folder.path);
  const unlock = await lockFolder(folder.path, 'drawing');
  try {
    await folder.checkOwn();
    return await new Synthesis(options, settings, folder, found).run();
  } finally {
    await unlock();
  }
}

/**
 * Draws a new face for every real one in a folder: reads attributes and caption, writes the prompt, draws with Stable
 * Diffusion, compares Gram matrices with the photo, and tries again with the stronger prompt while the distance is over
 * the threshold. The result is a data set, with `real/` (copies of the photos) and `fake/`, and a manifest of how each
 * image came about.
 *
 * What is done is on the disk: the same call goes on where an earlier one was stopped or killed, and gives the same
 * images as an uninterrupted one. Photos that failed are tried again. A photo that cannot be used is reported, and the
 * rest go on. The seed of an image is derived from the run's, the photo's content and the attempt (seeds.ts).
 *
 * @throws TypeError, RangeError at once for wrong options
 * @returns rejects with ERR_IO (folders), ERR_DATASET (no photos, or none that can be used), ERR_CONFIG (the folder holds
 *   a run with other options, a sampler that does not fit), ERR_BUSY (another process works there), the networks' errors
 *   of loading, ERR_OUT_OF_MEMORY, or AbortError within a step
 */
export function synthesize(options: SynthesizeOptions): Promise<SynthesisReport> {
  const settings = checkSynthesizeOptions(options);
  return run(options, settings);
}
