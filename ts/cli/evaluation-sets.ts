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
  /** The folder that holds it. */
  parent: string;
  dataset: Dataset;
  samples: DatasetSample[];
}

/** Where a set lies; `faces/test` named by itself is a part of `faces`. */
function placeOf(path: string, dataset: Dataset): Pick<NamedSet, 'origin' | 'parent'> {
  const parent = dirname(resolve(path));
  if (splitOfWord(dataset.name) === undefined) return { origin: dataset.name, parent: basename(parent) };
  return { origin: basename(parent), parent: basename(dirname(parent)) };
}

/** Sets that are not split are taken whole. */
async function openSet(
  path: string,
  split: Split | 'all',
  options: DatasetOptions,
): Promise<NamedSet> {
  const dataset = await openDataset(path, options);
  const place = placeOf(path, dataset);
  const { origin } = place;
  const whole = origin === dataset.name ? origin : `${origin}/${dataset.name}`;
  if (split === 'all' || dataset.splits.length === 0) {
    return { name: whole, ...place, dataset, samples: dataset.samples };
  }
  const samples = dataset.samples.filter((sample) => sample.split === split);
  if (samples.length > 0) return { name: `${whole}/${split}`, ...place, dataset, samples };
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

/** Whether a set, or the folder that holds it, is one that the detector was trained on; undefined where nothing is known of those. */
export function domainOf(set: NamedSet, trainedOn: readonly string[]): Domain | undefined {
  if (trainedOn.length === 0) return undefined;
  return trainedOn.includes(set.origin) || trainedOn.includes(set.parent) ? 'within' : 'cross';
}
