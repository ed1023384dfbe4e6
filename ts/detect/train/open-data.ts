/** Opens the data sets of a run. */
import { openDataset } from '../../data/datasets/open-dataset.js';
import type { Dataset, DatasetSample, Split } from '../../data/datasets/dataset.js';
import { peopleNotes } from '../../fairness/data-notes.js';
import type { TrainingData, TrainingSample } from './data.js';
import { mixData, parseWeights, type OpenedSet } from './data-mix.js';
import type { ResolvedTrainOptions } from './options.js';

/** Different data sets may have folders of one name; their samples must not share names. */
function uniqueNames(sets: readonly Dataset[]): string[] {
  const names = sets.map(({ name }) => name);
  return names.map((name, i) => (names.indexOf(name) === i ? name : `${name}#${i + 1}`));
}

const toSample =
  (set: string, weight: number) =>
  ({ path, name, label, demographics, identity, source, columns }: DatasetSample): TrainingSample => ({
    path,
    name: `${set}/${name}`,
    label,
    weight,
    demographics,
    identity,
    forgeryMethod: columns['spe_label'] || source,
  });

function toOpenedSet(set: Dataset, name: string, weight: number): OpenedSet {
  const take = (split: Split): TrainingSample[] =>
    set.samples.filter((sample) => sample.split === split).map(toSample(name, weight));
  if (set.splits.length === 0)
    return { name, train: set.samples.map(toSample(name, weight)), validation: null };
  const validation = take('valid');
  return { name, train: take('train'), validation: validation.length > 0 ? validation : null };
}

function logFaults(set: Dataset, log: (message: string) => void): void {
  for (const { where, reason } of set.skipped) log(`Skipping ${where} of ${set.name}: ${reason}`);
  for (const note of peopleNotes(set)) log(`Warning: ${set.name}: ${note}`);
}

/** @throws DeepcodeError ERR_DATASET, ERR_IO; TypeError for bad weights; AbortError */
export async function openTrainingData(
  options: Pick<
    ResolvedTrainOptions,
    'data' | 'dataWeight' | 'seed' | 'trainSamples' | 'valSamples' | 'pseudoFakes' | 'maxBadImages'
  >,
  log: (message: string) => void,
  signal?: AbortSignal,
): Promise<TrainingData> {
  const weights = parseWeights(options.dataWeight, options.data.length);
  const sets = await Promise.all(
    options.data.map((path) => openDataset(path, { maxSkipped: options.maxBadImages, signal })),
  );
  sets.forEach((set) => logFaults(set, log));
  const names = uniqueNames(sets);
  return mixData(
    sets.map((set, i) => toOpenedSet(set, names[i]!, weights[i]!)),
    options,
    log,
  );
}

/** The images of a set that training never saw: its test split, or all of it where it is not split. */
export async function openTestSet(
  path: string,
  signal?: AbortSignal,
): Promise<{ name: string; samples: TrainingSample[] }> {
  const set = await openDataset(path, { signal });
  const split = (['test', 'valid'] as const).find((each) => set.splits.includes(each));
  const samples = split === undefined ? set.samples : set.samples.filter((sample) => sample.split === split);
  return {
    name: split === undefined ? set.name : `${set.name}/${split}`,
    samples: samples.map(toSample(set.name, 1)),
  };
}

/** The test splits of the training data together; null where no set has one. */
export async function openTestSplits(
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<TrainingSample[] | null> {
  const sets = await Promise.all(paths.map((path) => openDataset(path, { signal })));
  const names = uniqueNames(sets);
  const samples = sets.flatMap((set, i) =>
    set.samples.filter(({ split }) => split === 'test').map(toSample(names[i]!, 1)),
  );
  return samples.length > 0 ? samples : null;
}
