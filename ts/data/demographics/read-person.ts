/** Chooses how a table's rows say who is shown. */
import type { Row } from '../datasets/csv-schemas.js';
import { aiFaceReader } from './ai-face-columns.js';
import { isUnknown, type RowPerson } from './demographics.js';
import { flagColumnsReader } from './flag-columns.js';
import { namedColumnsReader } from './named-columns.js';

export type PersonReader = (row: Row) => RowPerson;

const IDENTITY_COLUMNS = ['identity', 'identity_id', 'subject', 'subject_id', 'person', 'person_id'] as const;

/** What the second says where the first is silent; of a row that the first refuses, age and skin tone alone. */
function filledBy(first: PersonReader, second: PersonReader | undefined): PersonReader {
  if (second === undefined) return first;
  return (row) => {
    const [{ demographics, problem }, other] = [first(row), second(row)];
    const { age, 'skin-tone': tone } = other.demographics;
    const added = problem === undefined ? other.demographics : { ...(age && { age }), ...(tone && { 'skin-tone': tone }) };
    return { demographics: { ...added, ...demographics }, problem: problem ?? other.problem };
  };
}

/** @returns undefined for a table without demographic and identity columns */
export function personReader(
  columns: readonly string[],
  rows: readonly { row: Row }[],
): PersonReader | undefined {
  const names = new Set(columns);
  const flags = flagColumnsReader(names, rows);
  const named = namedColumnsReader(names);
  // The codes of AI-Face stand in columns whose names are those of values, too.
  const read = flags === undefined ? (aiFaceReader(names, rows) ?? named) : filledBy(flags, named);
  const column = IDENTITY_COLUMNS.find((name) => names.has(name));
  if (column === undefined) return read;
  return (row) => {
    const person = read?.(row) ?? { demographics: {} };
    return isUnknown(row[column]) ? person : { ...person, identity: row[column]!.trim() };
  };
}
