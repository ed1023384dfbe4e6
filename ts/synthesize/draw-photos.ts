/** The second phase: an image for each photo that was read, each on the disk before the next is begun. */
import type { SynthesisConfig } from './config.js';
import { PhaseClock } from './clock.js';
import { drawPhoto, type DrawContext, type DrawnPhoto } from './draw-photo.js';
import type { JsonLines } from './json-lines.js';
import type { SynthesisProgress } from './options.js';
import { sha256Of } from './photos.js';
import { failureOf, type ReadPhoto } from './read-photos.js';
import type { FinishedRecord, SynthesisRecord } from './record.js';
import type { SynthesisFolder } from './synthesis-folder.js';

export interface DrawJob extends Omit<DrawContext, 'onStep'> {
  folder: SynthesisFolder;
  manifest: JsonLines<SynthesisRecord>;
  weights: SynthesisConfig['weights']['kind'];
  waiting: readonly ReadPhoto[];
  /** What each photo's image is called. */
  images: ReadonlyMap<string, string>;
  onProgress: (progress: SynthesisProgress) => void;
  onRecord: (record: SynthesisRecord) => void;
}

/** The line comes last: what stands in the manifest is on the disk. */
async function save({ photo, sha256, reading }: ReadPhoto, drawn: DrawnPhoto, job: DrawJob): Promise<FinishedRecord> {
  const { attempts, kept, distance } = drawn;
  const real = `real/${photo.name}`;
  const fake = `fake/${job.images.get(photo.name)!}`;
  await job.folder.write(real, drawn.real);
  await job.folder.write(fake, drawn.fake);
  return {
    name: photo.name, sha256, real, fake,
    fakeSha256: sha256Of(drawn.fake),
    ...reading,
    attempts, kept, distance,
    threshold: job.threshold,
    outcome: distance <= job.threshold ? 'accepted' : 'best-of',
    weights: job.weights,
  }; // prettier-ignore
}

async function drawOrFail(photo: ReadPhoto, job: DrawJob, onStep: DrawContext['onStep']): Promise<SynthesisRecord> {
  let drawn: DrawnPhoto;
  try {
    drawn = await drawPhoto(photo, { ...job, onStep });
  } catch (error) {
    return failureOf(photo.photo.name, error);
  }
  return save(photo, drawn, job);
}

/**
 * Draws for all photos and adds a line to the manifest for each.
 *
 * @returns the new records; rejects with what concerns more than one photo, ERR_IO when the folder cannot be written, or
 *   AbortError
 */
export async function drawPhotos(job: DrawJob): Promise<SynthesisRecord[]> {
  const total = job.waiting.length;
  const clock = new PhaseClock(total);
  const records: SynthesisRecord[] = [];
  for (const photo of job.waiting) {
    const done = records.length;
    const record = await drawOrFail(photo, job, (attempt, { step, total: steps }) => {
      const secondsLeft = clock.secondsLeft(done, step / steps);
      job.onProgress({ phase: 'draw', done, total, attempt: attempt + 1, step, steps, secondsLeft });
    });
    await job.manifest.append(record);
    records.push(record);
    job.onRecord(record);
    job.onProgress({ phase: 'draw', done: records.length, total, secondsLeft: clock.secondsLeft(records.length) });
  }
  return records;
}
