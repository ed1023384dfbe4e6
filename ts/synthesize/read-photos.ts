/** The first phase: which photos are finished, which failed, and what is to be seen in the others. */
import type { FoundImage, FoundImages } from '../data/find-images.js';
import { DeepcodeError } from '../errors.js';
import { PhaseClock } from './clock.js';
import type { PhotoNetworks } from './photo-networks.js';
import { JsonLines, readJsonLines } from './json-lines.js';
import type { SynthesisProgress } from './options.js';
import { readPhoto, type PhotoBytes } from './photos.js';
import { isFinished, type FailedRecord, type FinishedRecord, type PhotoReading, type SynthesisRecord } from './record.js';
import type { SynthesisFolder } from './synthesis-folder.js';

/** A photo that waits for its image. */
export interface ReadPhoto {
  photo: FoundImage;
  sha256: string;
  reading: PhotoReading;
}

export interface ReadPhotos {
  /** Records of an earlier run that still hold, those of photos that are gone included. */
  finished: FinishedRecord[];
  failed: FailedRecord[];
  waiting: ReadPhoto[];
}

interface ReadJob {
  folder: SynthesisFolder;
  found: FoundImages;
  /** Called once, when there is something to read. */
  openNetworks: () => Promise<PhotoNetworks>;
  signal: AbortSignal | undefined;
  onProgress: (progress: SynthesisProgress) => void;
  onFailure: (record: FailedRecord) => void;
}

type StoredReading = PhotoReading & { sha256: string };

/** What concerns one photo alone; anything else ends the run. */
const OF_ONE_PHOTO: readonly string[] = ['ERR_IMAGE', 'ERR_IO', 'ERR_NONFINITE'];

/** The record of a photo's own failure; anything else is thrown on. */
export function failureOf(name: string, error: unknown): FailedRecord {
  if (!(error instanceof DeepcodeError) || !OF_ONE_PHOTO.includes(error.code)) throw error;
  return { name, error: { code: error.code, message: error.message } };
}

class PhotoReader {
  readonly #readings = new Map<string, PhotoReading>();
  readonly #records = new Map<string, FinishedRecord>();
  readonly #result: ReadPhotos = { finished: [], failed: [], waiting: [] };
  #networks: PhotoNetworks | undefined;
  #log!: JsonLines<StoredReading>;

  constructor(private readonly job: ReadJob) {}

  async run(): Promise<ReadPhotos> {
    const { folder, found } = this.job;
    const stored = await readJsonLines<StoredReading>(folder.readings);
    for (const { sha256, ...reading } of stored) this.#readings.set(sha256, reading);
    for (const record of await readJsonLines<SynthesisRecord>(folder.manifest)) {
      if (isFinished(record)) this.#records.set(record.name, record);
    }
    this.#log = await JsonLines.open(folder.readings, stored);
    try {
      await this.#readAll();
    } finally {
      this.#networks?.dispose();
      await this.#log.close();
    }
    const names = new Set(found.images.map(({ name }) => name));
    this.#result.finished.push(...[...this.#records.values()].filter(({ name }) => !names.has(name)));
    return this.#result;
  }

  async #readAll(): Promise<void> {
    const { images: photos, unread } = this.job.found;
    const clock = new PhaseClock(photos.length);
    for (const [i, photo] of photos.entries()) {
      if (!(await this.#readOne(photo))) clock.skip();
      const [done, total] = [i + 1, photos.length];
      this.job.onProgress({ phase: 'read', done, total, secondsLeft: clock.secondsLeft(done) });
    }
    for (const { name, error } of unread) this.#fail(failureOf(name, error));
  }

  #fail(record: FailedRecord): void {
    this.#result.failed.push(record);
    this.job.onFailure(record);
  }

  /** Undefined when the work fails for reasons of the photo's own. */
  async #attempt<T>({ name }: FoundImage, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#fail(failureOf(name, error));
      return undefined;
    }
  }

  /** False for a photo that nothing was to be done for. */
  async #readOne(photo: FoundImage): Promise<boolean> {
    const content = await this.#attempt(photo, () => readPhoto(photo, this.job.signal));
    if (content === undefined) return true;
    const { bytes, sha256 } = content;
    const record = this.#records.get(photo.name);
    if (record?.sha256 === sha256 && (await this.#stillHolds(record, bytes))) {
      this.#result.finished.push(record);
      return false;
    }
    const known = this.#readings.get(sha256);
    const reading = known ?? (await this.#look(photo, content));
    if (reading !== undefined) this.#result.waiting.push({ photo, sha256, reading });
    return known === undefined;
  }

  /** A copy that is gone is made again; an image that is gone is drawn again. */
  async #stillHolds({ real, fake, sha256, fakeSha256 }: FinishedRecord, bytes: Uint8Array): Promise<boolean> {
    const { folder } = this.job;
    if (!(await folder.holds(fake, fakeSha256))) return false;
    if (!(await folder.holds(real, sha256))) await folder.write(real, bytes);
    return true;
  }

  async #look(photo: FoundImage, { bytes, sha256 }: PhotoBytes): Promise<PhotoReading | undefined> {
    const networks = (this.#networks ??= await this.job.openNetworks());
    const reading = await this.#attempt(photo, () => networks.read(bytes, this.job.signal));
    if (reading === undefined) return undefined;
    this.#readings.set(sha256, reading);
    await this.#log.append({ sha256, ...reading });
    return reading;
  }
}

/**
 * Reads every photo that has no image yet. What is read is written down at once, so that an interruption loses one photo.
 *
 * Rejects with AbortError, or with what concerns more than one photo: the networks' errors of loading, ERR_OUT_OF_MEMORY,
 * ERR_CONFIG (damaged manifest).
 */
export function readPhotos(job: ReadJob): Promise<ReadPhotos> {
  return new PhotoReader(job).run();
}
