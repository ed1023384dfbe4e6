/** Mixes data sets, holds out validation images where a set has none, and draws what a run uses. */
import { splitByIdentity } from '../../data/datasets/identity-split.js';
import { DeepcodeError, invalidArgument, outOfRange } from '../../errors.js';
import type { DetectorData } from '../detector-json.js';
import type { TrainingData, TrainingSample } from './data.js';
import type { ResolvedTrainOptions } from './options.js';
import { drawSamples } from './sampling.js';
import { deriveSeed } from './seeds.js';

/** Share of a set that is held out for validation when it has no images for that. */
const HELD_OUT = 0.1;

/** One data set as it was found: training and, where it says so, validation images. */
export interface OpenedSet {
  name: string;
  train: TrainingSample[];
  /** Null: the set is not split. */
  validation: TrainingSample[] | null;
}

/** Positive numbers, one a data set; absent ones are 1. */
export function parseWeights(given: readonly string[], sets: number): number[] {
  if (given.length > sets)
    throw invalidArgument('dataWeight', `at most one value a data set (${sets})`, given.join(' '));
  return Array.from({ length: sets }, (_, i) => {
    const weight = Number(given[i] ?? '1');
    if (!(weight > 0 && weight < Infinity)) throw invalidArgument('dataWeight', 'a number above 0', given[i]);
    return weight;
  });
}

/** Whole persons: a detector must not be judged by people whom it has learned by heart. */
function holdOutPeople(set: OpenedSet, seed: number, limit: number, log: (message: string) => void): OpenedSet {
  const share = Math.min(HELD_OUT, limit / set.train.length);
  const parts = splitByIdentity(set.train, { valid: share, test: 0, seed: deriveSeed(seed, 'hold out', set.name) });
  const validation = set.train.filter((_, i) => parts[i]!.split === 'valid');
  log(`${set.name} has no validation images: ${validation.length} of its ${set.train.length} are held out, no person in both parts.`);
  return { ...set, train: set.train.filter((_, i) => parts[i]!.split === 'train'), validation };
}

function holdOut(set: OpenedSet, seed: number, limit: number, log: (message: string) => void): OpenedSet {
  if (set.train.some(({ identity }) => identity !== undefined)) return holdOutPeople(set, seed, limit, log);
  const count = Math.min(limit, Math.max(2, Math.round(HELD_OUT * set.train.length)));
  const validation = drawSamples(set.train, {
    seed: deriveSeed(seed, 'hold out', set.name),
    count,
    balanced: true,
  });
  const chosen = new Set(validation);
  log(`${set.name} has no validation images: ${validation.length} of its ${set.train.length} are held out.`);
  return { ...set, train: set.train.filter((sample) => !chosen.has(sample)), validation };
}

/** @param makesFakes the reals alone will do */
function checkClasses(samples: readonly TrainingSample[], use: string, makesFakes: boolean): void {
  const fake = samples.filter(({ label }) => label === 1).length;
  if ((fake > 0 || makesFakes) && fake < samples.length) return;
  const found = samples.length === 0 ? 'no images' : fake === 0 ? 'real images only' : 'fake images only';
  throw new DeepcodeError(
    'ERR_DATASET',
    `For ${use}, the data sets have ${found}; both real/ and fake/ are needed.`,
  );
}

function describe({ name, train, validation }: OpenedSet): DetectorData {
  const all = [...train, ...(validation ?? [])];
  const fake = all.filter(({ label }) => label === 1).length;
  return { name, real: all.length - fake, fake, terms: null };
}

/** Real images with a pseudo-fake of every second one in its place. */
function halfPseudoFakes(samples: readonly TrainingSample[], seed: number): TrainingSample[] {
  return samples.map((sample, i) =>
    i % 2 === 0
      ? sample
      : { ...sample, label: 1, pseudoFakeSeed: deriveSeed(seed, 'validation pseudo-fake', i) },
  );
}

const LARGEST_SHARE_WITH_FAKES = 0.45;

/** With a larger share, many real images would have to stand against each fake: r = f / (1 - 2P). */
function checkPseudoFakes(share: number, pool: readonly TrainingSample[]): void {
  if (share <= LARGEST_SHARE_WITH_FAKES || !pool.some(({ label }) => label === 1)) return;
  throw outOfRange('pseudoFakes', `at most ${LARGEST_SHARE_WITH_FAKES} where the data sets have fakes`, share);
}

/**
 * With pseudo-fakes, real images alone will do; then half of the validation images are shown as such.
 *
 * @throws DeepcodeError ERR_DATASET when a class has no images for training or for validation; RangeError for
 *   more than 45 % of pseudo-fakes beside fakes
 */
export function mixData(
  opened: readonly OpenedSet[],
  options: Pick<ResolvedTrainOptions, 'seed' | 'trainSamples' | 'valSamples' | 'pseudoFakes'>,
  log: (message: string) => void,
): TrainingData {
  const { seed, trainSamples, valSamples, pseudoFakes } = options;
  const sets = opened.map((set) => (set.validation === null ? holdOut(set, seed, valSamples, log) : set));
  const pool = sets.flatMap(({ train }) => train);
  const candidates = sets.flatMap(({ validation }) => validation ?? []);
  checkPseudoFakes(pseudoFakes, pool);
  checkClasses(pool, 'training', pseudoFakes > 0);
  checkClasses(candidates, 'validation', pseudoFakes > 0);
  if (pool.length < trainSamples)
    log(`${trainSamples} training images were asked for; all ${pool.length} there are used.`);
  if (candidates.length < valSamples) {
    log(`${valSamples} validation images were asked for; all ${candidates.length} there are used.`);
  }
  const drawn = drawSamples(candidates, {
    seed: deriveSeed(seed, 'validation'),
    count: valSamples,
    balanced: true,
  });
  const onlyReal = pseudoFakes > 0 && drawn.every(({ label }) => label === 0);
  if (onlyReal) log('There are no fakes to validate on: every second real image is shown as a pseudo-fake.');
  const validation = onlyReal ? halfPseudoFakes(drawn, seed) : drawn;
  checkClasses(validation, 'validation', false);
  return { pool, validation, sets: sets.map(describe) };
}
