/** Splits that share no person: a detector must not meet in a test whom it has learned by heart. */
import { checkEach } from '../../arguments.js';
import { createRandom } from '../../metrics/random.js';
import { invalidArgument, outOfRange } from '../../errors.js';
import { integer, real, resolveOptions, type Given } from '../../options.js';
import { SPLITS, type DatasetSample, type Split } from './dataset.js';

/** Shares as in Lin et al. 2024: 60 % training, 20 % validation, 20 % test. */
export const IDENTITY_SPLIT_OPTIONS = {
  valid: real({ default: 0.2, min: 0, max: 1, help: 'share of the images for validation' }),
  test: real({ default: 0.2, min: 0, max: 1, help: 'share of the images for the test' }),
  seed: integer({ default: 0, min: 0, max: 0xffffffff, help: 'seed of the draw' }),
} as const;

export type IdentitySplitOptions = Given<typeof IDENTITY_SPLIT_OPTIONS>;

type Sample = Pick<DatasetSample, 'label' | 'identity'>;
/** Images of each class. */
type Classes = [real: number, fake: number];

interface Person {
  members: number[];
  classes: Classes;
}

/** Images without an identity are persons of their own. */
function peopleOf(samples: readonly Sample[]): Person[] {
  const known = new Map<string, Person>();
  const people: Person[] = [];
  samples.forEach(({ label, identity }, i) => {
    let person = identity === undefined ? undefined : known.get(identity);
    if (person === undefined) {
      person = { members: [], classes: [0, 0] };
      people.push(person);
      if (identity !== undefined) known.set(identity, person);
    }
    person.members.push(i);
    person.classes[label]++;
  });
  return people;
}

/** In random order, those with many images first: the last ones to be placed then fill small gaps. */
function inOrderOfPlacing(people: readonly Person[], seed: number): Person[] {
  const random = createRandom(seed);
  const shuffled = [...people];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  return shuffled.sort((a, b) => b.members.length - a.members.length);
}

/** The split that lacks this person's classes most, as a share of what it is to have. */
function neediest(person: Person, wanted: readonly Classes[], given: readonly Classes[]): number {
  const need = wanted.map((target, s) =>
    [0, 1].reduce((sum, c) => {
      const missing = target[c] === 0 ? -1 : (target[c]! - given[s]![c]!) / target[c]!;
      return sum + person.classes[c]! * missing;
    }, 0),
  );
  return need.indexOf(Math.max(...need));
}

/**
 * Cuts samples into training, validation and test so that all images of one identity fall into one part. Both
 * classes are spread by the same shares as far as whole persons allow. The same seed gives the same parts.
 *
 * @returns the samples in their order, each with its new `split`
 * @throws TypeError for what are no samples; RangeError for shares that leave nothing for training
 */
export function splitByIdentity<S extends Sample>(
  samples: readonly S[],
  options: IdentitySplitOptions = {},
): (Omit<S, 'split'> & { split: Split })[] {
  checkEach<Sample>('samples', samples, { label: 'number' });
  const { valid, test, seed } = resolveOptions(IDENTITY_SPLIT_OPTIONS, options);
  if (valid + test >= 1) throw outOfRange('valid + test', 'a number below 1', valid + test);
  const people = peopleOf(samples);
  const total = [0, 1].map((c) => people.reduce((sum, { classes }) => sum + classes[c]!, 0));
  const wanted = [1 - valid - test, valid, test].map((share): Classes => [share * total[0]!, share * total[1]!]);
  const given = SPLITS.map((): Classes => [0, 0]);
  const splits = new Array<Split>(samples.length);
  for (const person of inOrderOfPlacing(people, seed)) {
    const chosen = neediest(person, wanted, given);
    [0, 1].forEach((c) => (given[chosen]![c]! += person.classes[c]!));
    for (const i of person.members) splits[i] = SPLITS[chosen]!;
  }
  return samples.map((sample, i) => ({ ...sample, split: splits[i]! }));
}

/**
 * How many identities two splits of a data set share; pairs that share none are left out.
 *
 * @throws TypeError for what are no samples
 */
export function identityOverlap(
  samples: readonly Pick<DatasetSample, 'identity' | 'split'>[],
): { splits: readonly [Split, Split]; identities: number }[] {
  checkEach('samples', samples);
  const people = new Map<Split, Set<string>>(SPLITS.map((split) => [split, new Set()]));
  for (const { split, identity } of samples) {
    if (split === null || identity === undefined) continue;
    const own = people.get(split);
    if (own === undefined) throw invalidArgument('the split of a sample', `${SPLITS.join(', ')} or null`, split);
    own.add(identity);
  }
  const pairs = SPLITS.flatMap((a, i) => SPLITS.slice(i + 1).map((b) => [a, b] as const));
  return pairs.flatMap(([a, b]) => {
    const identities = [...people.get(a)!].filter((identity) => people.get(b)!.has(identity)).length;
    return identities === 0 ? [] : [{ splits: [a, b] as const, identities }];
  });
}
