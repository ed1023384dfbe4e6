/** The data sets of an evaluation: which of their images, under which name, in which domain. */
import { basename, dirname, resolve } from 'node:path';
import type { Dataset, DatasetOptions, DatasetSample, Split } from '../data/datasets/dataset.js';
import { splitOfWord, withUniqueNames } from '../data/datasets/names.js';
import { openDataset } from '../data/datasets/open-dataset.js';
import type { Domain } from './evaluation-report.js';
import { UsageError } from './exit-codes.js';

export interface NamedSet {
  /** For reports. */
  name: string;
  /** The data set as a whole, as training names it. */
  origin: string;
  dataset: Dataset;
  samples: DatasetSample[];
}

/** `faces/test` named by itself is a part of `faces`. */
function originOf(path: string, dataset: Dataset): string {
  const isPart = splitOfWord(dataset.name) !== undefined;
  return isPart ? basename(dirname(resolve(path))) : dataset.name;
}

/** Sets that are not split are taken whole. */
async function openSet(
  path: string,
  split: Split | 'all',
  options: DatasetOptions,
): Promise<NamedSet> {
  const dataset = await openDataset(path, options);
  const origin = originOf(path, dataset);
  const whole = origin === dataset.name ? origin : `${origin}/${dataset.name}`;
  if (split === 'all' || dataset.splits.length === 0) {
    return { name: whole, origin, dataset, samples: dataset.samples };
  }
  const samples = dataset.samples.filter((sample) => sample.split === split);
  if (samples.length > 0) return { name: `${whole}/${split}`, origin, dataset, samples };
  const found = dataset.splits.join(', ');
  throw new UsageError(`${dataset.name} has no ${split} split; it has ${found}.`);
}

/** Opens every data set before anything is scored, so that a wrong path costs no time. */
export async function openSets(
  paths: readonly string[],
  split: Split | 'all',
  options: DatasetOptions = {},
): Promise<readonly NamedSet[]> {
  return withUniqueNames(await Promise.all(paths.map((path) => openSet(path, split, options))));
}

/** Whether a set is one that the detector was trained on; undefined where nothing is known of those. */
export function domainOf(set: NamedSet, trainedOn: readonly string[]): Domain | undefined {
  if (trainedOn.length === 0) return undefined;
  return trainedOn.includes(set.origin) ? 'within' : 'cross';
}
