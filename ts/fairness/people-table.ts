/** People as a CSV table that every command reads: what was stated, and what was predicted with its confidence. */
import { dirname, relative, resolve, sep } from 'node:path';
import { DEMOGRAPHIC_ATTRIBUTES, type DemographicAttribute } from '../data/demographics/demographics.js';
import { LABELLED_ATTRIBUTES, type LabelledPerson } from './label.js';

const IMAGE_COLUMNS = ['path', 'label', 'split', 'source', 'identity'];

const isLabelled = (name: DemographicAttribute): boolean => (LABELLED_ATTRIBUTES as readonly string[]).includes(name);

/** What is predicted, and what else the data set said of anybody. */
function attributesOf(people: readonly LabelledPerson[]): DemographicAttribute[] {
  return DEMOGRAPHIC_ATTRIBUTES.filter((name) => isLabelled(name) || people.some(({ demographics }) => demographics[name] !== undefined));
}

function columnsOf(name: DemographicAttribute): string[] {
  const column = name.replaceAll('-', '_');
  return [column, `${column}_predicted`, `${column}_confidence`];
}

/** As it is read back: from the table's folder. */
const pathFrom = (table: string, path: string): string =>
  relative(dirname(resolve(table)), path).split(sep).join('/');

function attributeCells({ demographics }: LabelledPerson, name: DemographicAttribute): (string | number)[] {
  const found = demographics[name];
  if (found === undefined) return ['', '', ''];
  const { value, predicted, confidence } = found;
  return [value, predicted ? 1 : 0, confidence === null ? '' : confidence.toFixed(4)];
}

function imageCells({ sample }: LabelledPerson, table: string): string[] {
  const { path, label, split, source, identity } = sample;
  return [pathFrom(table, path), label === 1 ? 'fake' : 'real', split ?? '', source, identity ?? ''];
}

/** Rows of cells, the names of the columns first. @param table where it will lie: paths are relative to that */
export function peopleTable(people: readonly LabelledPerson[], table: string): (string | number)[][] {
  const attributes = attributesOf(people);
  const rows = people.map((person) => [
    ...imageCells(person, table),
    ...attributes.flatMap((name) => attributeCells(person, name)),
  ]);
  return [[...IMAGE_COLUMNS, ...attributes.flatMap(columnsOf)], ...rows];
}
