/** Which images show the same person. */
import type { ScoredSet } from '../../metrics/scored-set.js';

/** Scores and labels, and who is shown: the same text for all images of one person; undefined where not known. */
export interface GroupImages extends ScoredSet {
  identities?: readonly (string | undefined)[] | undefined;
}

/** How many persons a group's real photos show, and its fakes. */
export interface PersonCounts {
  real: number;
  fake: number;
}

/** Each person's images, in order of their first ones. */
export function personsOf({ scores, identities }: GroupImages): number[][] {
  const known = new Map<string, number[]>();
  const persons: number[][] = [];
  for (let i = 0; i < scores.length; i++) {
    const identity = identities?.[i];
    const person = identity === undefined ? undefined : known.get(identity);
    if (person) {
      person.push(i);
      continue;
    }
    const made = [i];
    persons.push(made);
    if (identity !== undefined) known.set(identity, made);
  }
  return persons;
}

export function countPersons(images: GroupImages): PersonCounts {
  const persons = personsOf(images);
  const showing = (label: 0 | 1): number => persons.filter((own) => own.some((i) => images.labels[i] === label)).length;
  return { real: showing(0), fake: showing(1) };
}
