/** Chooses how a table's rows say who is shown. */
import type { Row } from '../datasets/csv-schemas.js';
import { aiFaceReader } from './ai-face-columns.js';
import type { RowPerson } from './demographics.js';
import { flagColumnsReader } from './flag-columns.js';
import { namedColumnsReader } from './named-columns.js';

export type PersonReader = (row: Row) => RowPerson;

const IDENTITY_COLUMNS = ['identity', 'identity_id', 'subject', 'subject_id', 'person', 'person_id'] as const;

/** @returns undefined for a table without demographic and identity columns */
export function personReader(
  columns: readonly string[],
  rows: readonly { row: Row }[],
): PersonReader | undefined {
  const names = new Set(columns);
  const read = flagColumnsReader(names, rows) ?? aiFaceReader(names, rows) ?? namedColumnsReader(names);
  const column = IDENTITY_COLUMNS.find((name) => names.has(name));
  if (column === undefined) return read;
  return (row) => {
    const identity = row[column]?.trim();
    return { ...(read?.(row) ?? { demographics: {} }), ...(identity && { identity }) };
  };
}
