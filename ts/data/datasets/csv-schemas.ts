/** The CSV tables that are understood, each by its columns. */
import type { Layout } from './dataset.js';
import { labelOfCell, labelOfWord } from './names.js';

export type Row = Readonly<Record<string, string>>;

export interface CsvSchema {
  layout: Layout;
  /** For messages. */
  columns: string;
  matches: (columns: ReadonlySet<string>) => boolean;
  path: (row: Row) => string | undefined;
  /** Undefined: the row's label is not one of the words that are understood. */
  label: (row: Row) => 0 | 1 | undefined;
}

const PATH_COLUMNS = ['path', 'image', 'file', 'filename'] as const;
const LABEL_COLUMNS = ['label', 'label_str', 'Target'] as const;

const pathColumn = (columns: ReadonlySet<string>): string | undefined =>
  PATH_COLUMNS.find((name) => columns.has(name));

/** First match wins. */
export const CSV_SCHEMAS: readonly CsvSchema[] = [
  {
    // "140k Real and Fake Faces": its number 1 means real, so the class is taken from the word.
    layout: 'kaggle-140k',
    columns: 'path,label_str',
    matches: (columns) => columns.has('label_str') && columns.has('path'),
    path: (row) => row['path'],
    label: (row) => labelOfWord(row['label_str'] ?? ''),
  },
  {
    // Lin et al. 2024, "Preserving Fairness Generalization in Deepfake Detection": 0 real, 1 fake.
    layout: 'demographic-csv',
    columns: 'img_path,label,ismale,...',
    matches: (columns) => columns.has('img_path') && columns.has('label'),
    path: (row) => row['img_path'],
    label: (row) => labelOfCell(row['label'] ?? ''),
  },
  {
    // AI-Face (Lin et al. 2025): Target 0 real, 1 fake.
    layout: 'demographic-csv',
    columns: 'Image Path,Target',
    matches: (columns) => columns.has('Image Path') && columns.has('Target'),
    path: (row) => row['Image Path'],
    label: (row) => labelOfCell(row['Target'] ?? ''),
  },
  {
    layout: 'csv',
    columns: 'path,label',
    // Kaggle's table without its label_str would be read the wrong way round.
    matches: (columns) => pathColumn(columns) !== undefined && columns.has('label') && !columns.has('original_path'),
    path: (row) => PATH_COLUMNS.map((name) => row[name]).find((value) => value !== undefined),
    label: (row) => labelOfCell(row['label'] ?? ''),
  },
];

/** A table that leaves the class to its reader; undefined where it has no column of paths, or one of labels. */
export function schemaWithoutLabel(columns: ReadonlySet<string>, label: 0 | 1): CsvSchema | undefined {
  const path = [...PATH_COLUMNS, 'img_path', 'Image Path'].find((name) => columns.has(name));
  if (path === undefined || LABEL_COLUMNS.some((name) => columns.has(name))) return undefined;
  return { layout: 'csv', columns: path, matches: () => true, path: (row) => row[path], label: () => label };
}
