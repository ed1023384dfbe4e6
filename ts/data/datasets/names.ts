/** The words by which data sets call classes and splits. Nothing else is understood: labels are never guessed. */
import type { Split } from './dataset.js';

const LABELS: Readonly<Record<string, 0 | 1>> = { real: 0, fake: 1 };
const NUMERIC_LABELS: Readonly<Record<string, 0 | 1>> = { '0': 0, '1': 1, '0.0': 0, '1.0': 1 };
const SPLIT_NAMES: Readonly<Record<string, Split>> = {
  train: 'train',
  training: 'train',
  valid: 'valid',
  val: 'valid',
  validation: 'valid',
  test: 'test',
  testing: 'test',
};

function lookup<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  const key = word.trim().toLowerCase();
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** "real" or "fake", in any case. */
export const labelOfWord = (word: string): 0 | 1 | undefined => lookup(LABELS, word);

/** As {@link labelOfWord}, or 0 (real) and 1 (fake), which is this package's and the field's convention. */
export const labelOfCell = (cell: string): 0 | 1 | undefined => labelOfWord(cell) ?? lookup(NUMERIC_LABELS, cell);

export const splitOfWord = (word: string): Split | undefined => lookup(SPLIT_NAMES, word);

/** `ffhq` of `ffhq_0012.jpg`: what stands before the number; undefined for a name without such a prefix. */
export function namePrefix(file: string): string | undefined {
  return /^(.*[^\d_-].*?)[_-]+\d+\.\w+$/.exec(file)?.[1];
}

/** By code point, the same on every machine. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Two data sets may have folders of one name: in a table the second is called "faces (2)". */
export function withUniqueNames<T extends { readonly name: string }>(sets: readonly T[]): T[] {
  const taken = new Set<string>();
  return sets.map((set) => {
    let { name } = set;
    for (let number = 2; taken.has(name); number++) name = `${set.name} (${number})`;
    taken.add(name);
    return { ...set, name };
  });
}
