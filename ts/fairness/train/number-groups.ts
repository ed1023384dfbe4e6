/** Groups of people as numbers, for losses that treat each group by itself. */
import { DeepcodeError } from '../../errors.js';
import type { TrainingData, TrainingSample } from '../../detect/train/data.js';
import { groupPeople } from '../groups.js';
import { FAIRNESS_OPTIONS, parseAgeBins, parseAttributes } from '../options.js';

/** Images of which some of the attributes is not known are a group of their own. */
const UNKNOWN = 'not known';
/** Numbers are bytes. */
const MOST_GROUPS = 255;

export interface TrainingGroup {
  /** "female, asian" */
  name: string;
  /** Training images of the group. */
  real: number;
  fake: number;
}

export interface GroupedData {
  data: TrainingData;
  /** By their numbers. */
  groups: readonly TrainingGroup[];
}

function countGroups(names: readonly string[], pool: readonly TrainingSample[]): TrainingGroup[] {
  const groups = names.map((name) => ({ name, real: 0, fake: 0 }));
  for (const { group, label } of pool) groups[group!]![label === 1 ? 'fake' : 'real']++;
  return groups;
}

const listed = (groups: readonly TrainingGroup[]): string => groups.map(({ name }) => name).join('; ');

/** What a reader must know before the result is trusted. */
function warn(groups: readonly TrainingGroup[], empty: readonly string[], log: (message: string) => void): void {
  const without = groups.filter(({ real, fake }) => real + fake === 0);
  if (without.length > 0) log(`Warning: groups without training images: ${listed(without)}.`);
  const oneClass = groups.filter(({ real, fake }) => real + fake > 0 && (real === 0 || fake === 0));
  for (const { name, real } of oneClass) {
    const only = real > 0 ? 'real' : 'fake';
    log(`Warning: the group ${name} has ${only} training images only: the group alone tells the class.`);
  }
  if (empty.length > 0) log(`Warning: no images of ${empty.join('; ')}: nothing can be said of how they are treated.`);
}

/**
 * Numbers the groups that the images of a run show, in the order of their names.
 *
 * @param attributes by comma, for example "gender,race"
 * @throws DeepcodeError ERR_DATASET where fewer than two groups are known; TypeError for other attributes
 */
export function withGroups(
  data: TrainingData,
  attributes: string,
  log: (message: string) => void,
): GroupedData {
  const samples = [...data.pool, ...data.validation];
  const people = samples.map(({ demographics }) => demographics ?? {});
  const grouping = groupPeople(
    people,
    parseAttributes('fairnessGroups', attributes),
    parseAgeBins(FAIRNESS_OPTIONS.ageBins.default),
  );
  const { groups, unknown, empty, predicted } = grouping;
  if (groups.length < 2 || groups.length > MOST_GROUPS) {
    const found = groups.length === 0 ? 'no image says who is shown' : `the images show ${groups.length} groups`;
    throw new DeepcodeError(
      'ERR_DATASET',
      `For fairness by ${attributes}, 2 to ${MOST_GROUPS} groups are needed, but ${found}. ` +
        'Choose other --fairness-groups, or add the columns with deepcode fairness label.',
    );
  }
  const numbers = new Array<number>(samples.length).fill(groups.length);
  groups.forEach(({ members }, number) => members.forEach((i) => void (numbers[i] = number)));
  const numbered = samples.map((sample, i) => ({ ...sample, group: numbers[i]! }));
  const pool = numbered.slice(0, data.pool.length);
  const names = groups.map(({ name }) => name);
  const counted = countGroups(unknown > 0 ? [...names, UNKNOWN] : names, pool);
  if (unknown > 0) log(`${unknown} images of which ${attributes} is not all known make a group of their own.`);
  if (predicted > 0) log(`Of ${predicted} images the group was predicted by a network, not stated by a person.`);
  warn(counted, empty, log);
  return { data: { ...data, pool, validation: numbered.slice(data.pool.length) }, groups: counted };
}
