/**
 * The demographic columns of Lin et al. 2024, "Preserving Fairness Generalization in Deepfake Detection":
 * ismale, isasian, iswhite, isblack (1 yes, -1 no) and intersec_label, which numbers gender x race, males first,
 * races in the order of the columns and then others. Their tables of Celeb-DF and DFD have no isasian column and
 * number six groups instead of eight.
 */
import type { Row } from '../datasets/csv-schemas.js';
import { statedAll, type RowPerson } from './demographics.js';

const RACES = ['asian', 'white', 'black'] as const;
const GENDERS = ['male', 'female'] as const;
const FLAGS = ['ismale', ...RACES.map((race) => `is${race}`)];

export interface GenderAndRace {
  gender: string | undefined;
  race: string | undefined;
}

type FlagValue = boolean | undefined;

/**
 * Tables of -1 and 1 write 0 where the annotators could not tell; tables of 0 and 1 mean no.
 *
 * @param signed whether the table has a -1 in any of these columns
 */
function flagOf(cell: string | undefined, signed: boolean): FlagValue {
  const number = cell === undefined || cell.trim() === '' ? NaN : Number(cell);
  if (number === 1) return true;
  return number === -1 || (number === 0 && !signed) ? false : undefined;
}

function raceOf(flags: readonly (readonly [race: string, value: FlagValue])[]): string | undefined {
  const yes = flags.filter(([, value]) => value === true);
  if (yes.length === 1) return yes[0]![0];
  return yes.length === 0 && flags.length > 0 && flags.every(([, value]) => value === false) ? 'others' : undefined;
}

/** Gender and race of a number; undefined outside the range. Absent cells give undefined groups. */
function groupOf(cell: string | undefined, races: readonly string[]): GenderAndRace | undefined {
  if (cell === undefined || cell.trim() === '') return { gender: undefined, race: undefined };
  const index = Number(cell);
  if (!Number.isInteger(index) || index < 0 || index >= 2 * races.length) return undefined;
  return { gender: GENDERS[Math.floor(index / races.length)], race: races[index % races.length] };
}

const disagree = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && a !== b;

/** What the flags say, or where they are silent the group's number; a contradiction leaves both unknown. */
function combine(flags: GenderAndRace, group: GenderAndRace | undefined, count: number): RowPerson {
  if (group === undefined) {
    return { demographics: statedAll({ ...flags }), problem: `intersec_label is not a whole number from 0 to ${count - 1}` };
  }
  if (disagree(flags.gender, group.gender) || disagree(flags.race, group.race)) {
    return { demographics: {}, problem: 'intersec_label and the columns ismale, isasian, iswhite, isblack contradict each other' };
  }
  const { gender = group.gender, race = group.race } = flags;
  return { demographics: statedAll({ gender, race }) };
}

/** A reader of such columns; undefined where there are none. */
export function flagColumnsReader(
  columns: ReadonlySet<string>,
  rows: readonly { row: Row }[],
): ((row: Row) => RowPerson) | undefined {
  const present = FLAGS.filter((name) => columns.has(name));
  if (present.length === 0 && !columns.has('intersec_label')) return undefined;
  const signed = rows.some(({ row }) => present.some((name) => Number(row[name]) === -1));
  const raceColumns = RACES.filter((race) => present.includes(`is${race}`));
  // A table of the group's number alone has all eight.
  const races = [...(raceColumns.length > 0 ? raceColumns : RACES), 'others'];
  return (row) => {
    const flag = (name: string): FlagValue => flagOf(row[name], signed);
    const male = present.includes('ismale') ? flag('ismale') : undefined;
    const race = raceOf(raceColumns.map((each) => [each, flag(`is${each}`)]));
    const gender = male === undefined ? undefined : male ? 'male' : 'female';
    return combine({ gender, race }, groupOf(row['intersec_label'], races), 2 * races.length);
  };
}
