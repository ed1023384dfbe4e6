/** How well the default networks read UTKFace: accuracy, and who is taken for whom in each group. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaceAnalyzer } from '../../ts/attributes/face-analyzer.js';
import type { FaceAttributes } from '../../ts/attributes/face-attributes.js';
import { decodeImage } from '../../ts/data/decode.js';

export interface Person {
  path: string;
  age: number;
  gender: 'male' | 'female';
  race: string;
}

export interface Reading {
  person: Person;
  /** Of the largest face; undefined where none was found. */
  read: FaceAttributes | undefined;
}

export const UTK_RACES = ['white', 'black', 'asian', 'indian', 'others'] as const;
export const UTK_GENDERS = ['female', 'male'] as const;
export const AGE_GROUPS = ['0-17', '18-29', '30-44', '45-59', '60 and over'] as const;
const AGE_STARTS = [0, 18, 30, 45, 60];

export const ageGroup = (age: number): string => AGE_GROUPS[AGE_STARTS.filter((start) => age >= start).length - 1]!;
export const readGender = ({ read }: Reading): string => (read ? (read.dominant_gender === 'Man' ? 'male' : 'female') : 'no face');
export const readRace = ({ read }: Reading): string => (read ? (read.dominant_race === 'other' ? 'others' : read.dominant_race!) : 'no face');
export const readAge = ({ read }: Reading): string => (read ? ageGroup(read.age!) : 'no face');

/** The images of one split of labels.csv, every `step`th. */
export function utkPeople(folder: string, split: string, step = 1): Person[] {
  const [, ...rows] = readFileSync(join(folder, 'labels.csv'), 'utf8').trim().split('\n');
  const people = rows.map((row) => row.split(',') as [string, string, Person['gender'], string, string]);
  return people
    .filter((row) => row[4].trim() === split)
    .filter((_, i) => i % step === 0)
    .map(([path, age, gender, race]) => ({ path: join(folder, path), age: Number(age), gender, race }));
}

export async function readPeople(people: readonly Person[], models: string): Promise<Reading[]> {
  const analyzer = await FaceAnalyzer.load({ models, device: 'cpu' });
  const readings: Reading[] = [];
  for (const person of people) {
    const faces = await analyzer.analyze(await decodeImage(person.path));
    const area = ({ region: { w, h } }: FaceAttributes): number => w * h;
    readings.push({ person, read: [...faces].sort((a, b) => area(b) - area(a))[0] });
  }
  analyzer.dispose();
  return readings;
}

/** An image in which no face was found counts as wrong. */
export function accuracy(readings: readonly Reading[], expected: (person: Person) => string, read: (reading: Reading) => string): number {
  return readings.filter((reading) => expected(reading.person) === read(reading)).length / readings.length;
}

/** In years, of those whose face was found. */
export function ageError(readings: readonly Reading[]): number {
  const found = readings.filter(({ read }) => read !== undefined);
  return found.reduce((sum, { person, read }) => sum + Math.abs(person.age - read!.age!), 0) / found.length;
}

/** Rows: what they are; columns: what was read. */
function confusion(
  readings: readonly Reading[],
  labels: readonly string[],
  expected: (person: Person) => string,
  read: (reading: Reading) => string,
): string {
  const columns = [...labels, 'no face'];
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  const rows = labels.map((label) => {
    const group = readings.filter(({ person }) => expected(person) === label);
    const counts = columns.map((column) => group.filter((reading) => read(reading) === column).length);
    const right = group.length === 0 ? '' : `${((100 * counts[labels.indexOf(label)]!) / group.length).toFixed(0)} %`;
    return line([label, ...counts, right]);
  });
  return [line(['', ...columns, 'right']), line(['---', ...columns.map(() => '---:'), '---:']), ...rows].join('\n');
}

function groupTable(readings: readonly Reading[]): string {
  const groups: [string, (person: Person) => boolean][] = [
    ...UTK_RACES.map((race) => [race, (person: Person) => person.race === race] as [string, (person: Person) => boolean]),
    ...UTK_GENDERS.map((gender) => [gender, (person: Person) => person.gender === gender] as [string, (person: Person) => boolean]),
    ...AGE_GROUPS.map((group) => [group, (person: Person) => ageGroup(person.age) === group] as [string, (person: Person) => boolean]),
  ];
  const rows = groups.map(([name, belongs]) => {
    const group = readings.filter(({ person }) => belongs(person));
    const percent = (value: number): string => `${(100 * value).toFixed(0)} %`;
    const gender = percent(accuracy(group, (p) => p.gender, readGender));
    const race = percent(accuracy(group, (p) => p.race, readRace));
    return `| ${name} | ${group.length} | ${gender} | ${ageError(group).toFixed(1)} | ${race} |`;
  });
  return ['| group | images | gender right | age error, years | race right |', '|---|---:|---:|---:|---:|', ...rows].join('\n');
}

/** Markdown. */
export function utkReport(readings: readonly Reading[]): string {
  const total = (expected: (person: Person) => string, read: (reading: Reading) => string): string =>
    accuracy(readings, expected, read).toFixed(3);
  return [
    `Gender right ${total((p) => p.gender, readGender)}, mean absolute age error ${ageError(readings).toFixed(2)} years, ` +
      `race right ${total((p) => p.race, readRace)}, of ${readings.length} images.`,
    groupTable(readings),
    confusion(readings, UTK_GENDERS, (p) => p.gender, readGender),
    confusion(readings, UTK_RACES, (p) => p.race, readRace),
    confusion(readings, AGE_GROUPS, (p) => ageGroup(p.age), readAge),
  ].join('\n\n');
}
