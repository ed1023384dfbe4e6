/** People as a CSV table that every command reads: what was stated, and what was predicted with its confidence. */
import { dirname, relative, resolve, sep } from 'node:path';
import { LABELLED_ATTRIBUTES, type LabelledPerson } from './label.js';

const HEADER = [
  'path',
  'label',
  'split',
  'source',
  'identity',
  ...LABELLED_ATTRIBUTES.flatMap((name) => [name, `${name}_predicted`, `${name}_confidence`]),
];

/** As it is read back: from the table's folder. */
const pathFrom = (table: string, path: string): string =>
  relative(dirname(resolve(table)), path).split(sep).join('/');

function cellsOf({ sample, demographics }: LabelledPerson, table: string): (string | number)[] {
  const { path, label, split, source, identity } = sample;
  const attributes = LABELLED_ATTRIBUTES.flatMap((name) => {
    const found = demographics[name];
    if (found === undefined) return ['', '', ''];
    const { value, predicted, confidence } = found;
    return [value, predicted ? 1 : 0, confidence === null ? '' : confidence.toFixed(4)];
  });
  return [pathFrom(table, path), label === 1 ? 'fake' : 'real', split ?? '', source, identity ?? '', ...attributes];
}

/** Rows of cells, the names of the columns first. @param table where it will lie: paths are relative to that */
export function peopleTable(people: readonly LabelledPerson[], table: string): (string | number)[][] {
  return [HEADER, ...people.map((person) => cellsOf(person, table))];
}
