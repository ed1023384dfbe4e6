/** The images that detectors are examined on. */
import { findImages, type UnreadFolder } from '../data/find-images.js';
import { openDataset } from '../data/datasets/open-dataset.js';
import type { EvaluationSample } from '../detect/evaluate.js';
import { DeepcodeError } from '../errors.js';
import type { ResolvedExamOptions } from './options.js';

/** Something that is not examined, and why. */
export interface Left {
  name: string;
  reason: string;
}

export interface ExamSet {
  /** For messages and progress. */
  name: string;
  samples: EvaluationSample[];
  /** What is no part of the data set: entries it names in vain, other data sets beside it. */
  skipped: Left[];
  /** Folders that cannot be read. */
  unread: Left[];
  /** Its images are of two sources, whose figures stand beside those of the whole. */
  parts: boolean;
}

export const REAL_SOURCE = 'real';
export const GENERATED_SOURCE = 'generated';

async function givenSet(path: string, split: ResolvedExamOptions['split'], signal?: AbortSignal): Promise<ExamSet> {
  const dataset = await openDataset(path, { signal });
  const isSplit = split !== 'all' && dataset.splits.length > 0;
  const samples = isSplit ? dataset.samples.filter((sample) => sample.split === split) : dataset.samples;
  if (samples.length === 0) {
    throw new DeepcodeError('ERR_DATASET', `${dataset.name} has no ${split} split; it has ${dataset.splits.join(', ')}.`);
  }
  const skipped = dataset.skipped.map(({ where, reason }) => ({ name: where, reason }));
  return { name: 'given data', samples, skipped, unread: [], parts: false };
}

async function folderSamples(folder: string, label: 0 | 1, source: string): Promise<[EvaluationSample[], UnreadFolder[]]> {
  const { images, unread } = await findImages(folder);
  return [images.map(({ path, name }) => ({ path, name: `${source}/${name}`, label, source })), unread];
}

async function generatedSet(real: string, generated: string): Promise<ExamSet> {
  const [reals, unreadReals] = await folderSamples(real, 0, REAL_SOURCE);
  const [fakes, unreadFakes] = await folderSamples(generated, 1, GENERATED_SOURCE);
  const unread = [...unreadReals, ...unreadFakes].map(({ name, error }) => ({ name, reason: error.message }));
  return { name: 'real and generated', samples: [...reals, ...fakes], skipped: [], unread, parts: true };
}

/** Opens everything before a detector is loaded. Rejects with ERR_IO, ERR_DATASET, AbortError. */
export async function openExamSets(
  { data, split, real, generated }: ResolvedExamOptions & { real: string; generated: string },
  signal?: AbortSignal,
): Promise<ExamSet[]> {
  const given = data === undefined ? [] : [await givenSet(data, split, signal)];
  return [...given, await generatedSet(real, generated)];
}
