/** A small data set with a table of who is shown. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeImages } from './synthetic-set.js';

export interface PersonRow {
  label: 0 | 1;
  gender: string;
  race: string;
  split?: 'train' | 'valid' | 'test';
  /** How a fake was made. */
  source?: string;
}

/** Women and men, white and black, real and fake, the same number of each. */
export function evenPeople(count: number, split: PersonRow['split']): PersonRow[] {
  return Array.from({ length: count }, (_, i) => ({
    label: (i & 1) as 0 | 1,
    gender: (i & 2) === 0 ? 'female' : 'male',
    race: (i & 4) === 0 ? 'white' : 'black',
    split,
  }));
}

/** Writes one image a row, and people.csv. @returns the path of the table */
export async function writePeople(folder: string, rows: readonly PersonRow[]): Promise<string> {
  await writeImages(folder, rows.length);
  const lines = rows.map(({ label, gender, race, split = '', source = '' }, i) => {
    const path = `${label === 1 ? 'fake' : 'real'}/${String(i).padStart(3, '0')}.png`;
    return [path, label, gender, race, split, source].join(',');
  });
  const table = join(folder, 'people.csv');
  await writeFile(table, ['path,label,gender,race,split,source', ...lines, ''].join('\n'));
  return table;
}
