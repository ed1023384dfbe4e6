/**
 * The demographic columns of AI-Face (Lin et al. 2025), which are all predictions of its annotators. Its first version
 * has gender, age and race, and eight intersections (males first, then asian, white, black, others); its second has
 * gender, age and the Monk skin tone, and six intersections (females first, then light, medium, dark).
 */
import type { Row } from '../datasets/csv-schemas.js';
import { type Demographic, type DemographicAttribute, type RowPerson } from './demographics.js';

/** The word of each code; null where there is no such code. */
type Words = readonly (string | null)[];

const GENDERS: Words = ['female', 'male'];
const RACES: Words = ['asian', 'white', 'black', 'others'];
const TONES: Words = [null, ...Array<string>(3).fill('light'), ...Array<string>(3).fill('medium'), ...Array<string>(4).fill('dark')];
const AGES_WITH_RACE: Words = ['young', 'middle-aged', 'senior', 'others'];
// The description of the second version leaves out 2 and goes on to 5; the authors' evaluation counts from 0 to 4.
const AGES: Words = ['child', 'youth', 'adult', 'middle-aged', 'senior'];
const AGES_AS_DESCRIBED: Words = ['child', 'youth', null, 'adult', 'middle-aged', 'senior'];

interface CodedColumn {
  attribute: DemographicAttribute;
  column: string;
  words: Words;
}

function columnOf(columns: ReadonlySet<string>, name: string): string | undefined {
  return [name, `Ground Truth ${name}`, `Predicted ${name}`].find((each) => columns.has(each));
}

/** How a table counts ages; undefined where it uses both ways, which cannot be told apart. */
function ageWords(column: string, rows: readonly { row: Row }[]): Words | undefined {
  const used = (code: string): boolean => rows.some(({ row }) => row[column]?.trim() === code);
  if (used('5')) return used('2') ? undefined : AGES_AS_DESCRIBED;
  return AGES;
}

function codedColumns(columns: ReadonlySet<string>, rows: readonly { row: Row }[]): CodedColumn[] {
  const [gender, race, age, tone] = ['Gender', 'Race', 'Age', 'Skin Tone'].map((name) => columnOf(columns, name));
  const found: CodedColumn[] = [];
  if (gender !== undefined) found.push({ attribute: 'gender', column: gender, words: GENDERS });
  if (race !== undefined) found.push({ attribute: 'race', column: race, words: RACES });
  if (tone !== undefined) found.push({ attribute: 'skin-tone', column: tone, words: TONES });
  const ages = age === undefined ? undefined : race === undefined ? ageWords(age, rows) : AGES_WITH_RACE;
  if (age !== undefined) found.push({ attribute: 'age', column: age, words: ages ?? [] });
  return found;
}

/** The value of a cell, undefined where it is empty; null for a code that there is not. */
function decode(cell: string | undefined, words: Words): string | undefined | null {
  if (cell === undefined || cell.trim() === '') return undefined;
  const code = Number(cell);
  return words[code] ?? null;
}

/** The number of gender x race or gender x skin tone; undefined where one of the two is not known. */
function intersectionOf(people: Readonly<Partial<Record<DemographicAttribute, string>>>): number | undefined {
  const { gender, race, 'skin-tone': tone } = people;
  if (gender === undefined) return undefined;
  if (race !== undefined) return (gender === 'male' ? 0 : 4) + RACES.indexOf(race);
  return tone === undefined ? undefined : (gender === 'female' ? 0 : 3) + ['light', 'medium', 'dark'].indexOf(tone);
}

function contradicts(row: Row, expected: number | undefined): boolean {
  const cell = row['Intersection']?.trim();
  return expected !== undefined && cell !== undefined && cell !== '' && Number(cell) !== expected;
}

/** A reader of such columns; undefined where there are none. */
export function aiFaceReader(
  columns: ReadonlySet<string>,
  rows: readonly { row: Row }[],
): ((row: Row) => RowPerson) | undefined {
  if (!columns.has('Image Path')) return undefined;
  const coded = codedColumns(columns, rows);
  if (coded.length === 0) return undefined;
  return (row) => {
    const values: Partial<Record<DemographicAttribute, string>> = {};
    let problem: string | undefined;
    for (const { attribute, column, words } of coded) {
      const value = decode(row[column], words);
      if (value === null) problem ??= `${column} has a code that is not known`;
      else if (value !== undefined) values[attribute] = value;
    }
    if (contradicts(row, intersectionOf(values))) {
      return { demographics: {}, problem: 'Intersection contradicts the columns that it is made of' };
    }
    const predicted = (value: string): Demographic => ({ value, predicted: true, confidence: null });
    return { demographics: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, predicted(value)])), problem };
  };
}
