/**
 * Columns gender, race, age and skin tone under their usual names, in any table. Beside a column such as `race`,
 * `race_predicted` (1 or true) marks values that a network gave, and `race_confidence` holds its confidence, 0 to 1.
 */
import type { Row } from '../datasets/csv-schemas.js';
import {
  DEMOGRAPHIC_ATTRIBUTES,
  demographicValue,
  type Demographic,
  type DemographicAttribute,
  type RowPerson,
} from './demographics.js';

const NAMES: Readonly<Record<DemographicAttribute, readonly string[]>> = {
  gender: ['gender', 'sex'],
  race: ['race', 'ethnicity'],
  age: ['age'],
  'skin-tone': ['skin_tone', 'skin-tone', 'skintone', 'skin tone'],
};
const OLDEST = 130;

interface NamedColumn {
  attribute: DemographicAttribute;
  value: string;
  predicted: string | undefined;
  confidence: string | undefined;
}

function findColumns(columns: ReadonlySet<string>): NamedColumn[] {
  const byLowerCase = new Map([...columns].map((column) => [column.toLowerCase(), column]));
  return DEMOGRAPHIC_ATTRIBUTES.flatMap((attribute) => {
    const name = NAMES[attribute].find((each) => byLowerCase.has(each));
    if (name === undefined) return [];
    const beside = (ending: string): string | undefined => byLowerCase.get(`${name}_${ending}`);
    return [{ attribute, value: byLowerCase.get(name)!, predicted: beside('predicted'), confidence: beside('confidence') }];
  });
}

/** Null for a cell without a number; undefined for a number that is no probability. */
function confidenceOf(cell: string | undefined): number | null | undefined {
  if (cell === undefined || cell.trim() === '') return null;
  const number = Number(cell);
  return number >= 0 && number <= 1 ? number : undefined;
}

/** Absent: not known. Throws nothing: a text says what is wrong with the cells. */
function readColumn(row: Row, column: NamedColumn): Demographic | string | undefined {
  const value = demographicValue(column.attribute, row[column.value]);
  if (value === undefined) return undefined;
  const confidence = confidenceOf(column.confidence && row[column.confidence]);
  if (confidence === undefined) return `${column.confidence} is not a number from 0 to 1`;
  const years = Number(value);
  if (column.attribute === 'age' && !Number.isNaN(years)) {
    if (!(years >= 0 && years <= OLDEST)) return `${column.value} is not a number of years from 0 to ${OLDEST}`;
  }
  const marked = /^(1|1\.0|true|yes)$/i.test((column.predicted && row[column.predicted])?.trim() ?? '');
  return { value, predicted: marked || confidence !== null, confidence };
}

/** A reader of such columns; undefined where there are none. */
export function namedColumnsReader(columns: ReadonlySet<string>): ((row: Row) => RowPerson) | undefined {
  const found = findColumns(columns);
  if (found.length === 0) return undefined;
  return (row) => {
    const demographics: Partial<Record<DemographicAttribute, Demographic>> = {};
    let problem: string | undefined;
    for (const column of found) {
      const read = readColumn(row, column);
      if (typeof read === 'string') problem ??= read;
      else if (read !== undefined) demographics[column.attribute] = read;
    }
    return { demographics, problem };
  };
}
