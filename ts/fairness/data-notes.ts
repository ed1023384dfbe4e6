import { checkEach, checkFields } from '../arguments.js';
import type { Dataset } from '../data/datasets/dataset.js';
import { identityOverlap } from '../data/datasets/identity-split.js';

/** How a note on demographic cells ends. */
const NOT_TAKEN = 'what cannot be taken counts as not known.';

/** Of the notes on a data set, those on cells that could not be taken. */
export const cellNotes = (notes: readonly string[]): string[] => notes.filter((note) => note.endsWith(NOT_TAKEN));

/** What must be known of the images of a data set: cells that say nothing usable, and people in more than one split. */
export function peopleNotes({ samples, notes }: Pick<Dataset, 'samples' | 'notes'>): string[] {
  const cells = notes.map(
    ({ what, count, first }) => `${count} ${count === 1 ? 'row' : 'rows'} (first ${first}): ${what}; ${NOT_TAKEN}`,
  );
  const shared = identityOverlap(samples).map(
    ({ splits: [a, b], identities }) => `${identities} persons are in both ${a} and ${b}: a detector that learned on one is not put to the test by the other.`,
  );
  return [...cells, ...shared];
}

/** What the reader of a report must know of its data set. @throws TypeError for what is no data set */
export function datasetNotes(dataset: Pick<Dataset, 'samples' | 'skipped' | 'notes'>): string[] {
  checkFields('dataset', dataset, { samples: 'list', skipped: 'list', notes: 'list' });
  const { skipped, notes } = dataset;
  checkEach('dataset.skipped', skipped);
  checkEach('dataset.notes', notes);
  const left = skipped.length === 0 ? [] : [`${skipped.length} entries of the data set were left out, the first ${skipped[0]!.where}: ${skipped[0]!.reason}.`];
  return [...left, ...peopleNotes(dataset)];
}
