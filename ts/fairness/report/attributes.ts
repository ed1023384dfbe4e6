/** What a report is on. */
import { DEMOGRAPHIC_ATTRIBUTES, type DemographicAttribute, type Demographics } from '../../data/demographics/demographics.js';
import { DeepcodeError } from '../../errors.js';
import { cellNotes } from '../data-notes.js';
import { knownAttributes } from '../groups.js';
import type { FairnessSettings } from '../options.js';

/**
 * The attributes to report on.
 *
 * @param notes on the data: cells that could not be taken explain why nothing is known
 * @throws DeepcodeError ERR_DATASET where one of them is known of nobody
 */
export function chosenAttributes(
  people: readonly Demographics[],
  wanted: FairnessSettings['groups'],
  notes: readonly string[] = [],
): DemographicAttribute[] {
  const known = knownAttributes(people, DEMOGRAPHIC_ATTRIBUTES);
  const missing = (wanted ?? []).filter((attribute) => !known.includes(attribute));
  if (known.length > 0 && missing.length === 0) return [...(wanted ?? known)];
  const [refused] = cellNotes(notes);
  const cells = refused === undefined ? '' : ` What its cells say could not be taken: ${refused}`;
  if (known.length > 0) {
    throw new DeepcodeError('ERR_DATASET', `The data set does not say the ${missing.join(' and ')} of anyone, only ${known.join(', ')}.${cells}`);
  }
  if (refused !== undefined) throw new DeepcodeError('ERR_DATASET', `Nothing is known of who is shown.${cells}`);
  throw new DeepcodeError('ERR_DATASET', 'The data set does not say who is shown: it has no column such as gender, race or age.');
}
