/** Data sets described by CSV: `path,label`, Kaggle's 140k faces, and the demographic tables. */
import { createReadStream } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { parse } from 'csv-parse';
import { throwIfAborted } from '../../abortable.js';
import { datasetError, type DatasetOptions, type DatasetSample } from './dataset.js';
import type { Layout, SkipLog, Split } from './dataset.js';
import { personReader, type PersonReader } from '../demographics/read-person.js';
import { CSV_SCHEMAS, schemaWithoutLabel, type CsvSchema, type Row } from './csv-schemas.js';
import { ExistingFiles } from './existing-files.js';
import { labelOfWord, namePrefix, splitOfWord } from './names.js';

/** Where Kaggle's archive keeps the images that its tables name, and where tables of other sets lie. */
const IMAGE_FOLDERS = ['', 'real_vs_fake/real-vs-fake', 'real-vs-fake', 'images'] as const;
const MAX_ROW_BYTES = 1 << 20;
const NAME_OF_LABEL = ['real', 'fake'] as const;

interface CsvFile {
  path: string;
  /** Of all rows; null: the `split` column says it, or nothing does. */
  split: Split | null;
}

interface Table {
  schema: CsvSchema;
  person: PersonReader | undefined;
  rows: { row: Row; line: number }[];
}

type ReadOptions = Pick<DatasetOptions, 'root' | 'label' | 'signal'>;

function schemaOf(file: string, columns: readonly string[], { label }: ReadOptions): CsvSchema {
  const set = new Set(columns);
  const schema = CSV_SCHEMAS.find(({ matches }) => matches(set));
  const unlabelled = schemaWithoutLabel(set, label === 'fake' ? 1 : 0);
  const found = columns.join(',').slice(0, 80);
  if (label !== undefined) {
    if (unlabelled) return unlabelled;
    throw datasetError(basename(file), `a label is for a table with paths and without labels, but found ${found}.`);
  }
  if (schema) return schema;
  const expected = CSV_SCHEMAS.map((each) => each.columns).join(' or ');
  const help = unlabelled ? ' With the option label all of its images count as real, or as fake.' : '';
  throw datasetError(basename(file), `expected columns ${expected} but found ${found}.${help}`);
}

async function readTable(file: string, options: ReadOptions, skipped: SkipLog): Promise<Table> {
  let columns: string[] = [];
  const parser = parse({
    bom: true,
    columns: (header: string[]) => (columns = header.map((name) => name.trim())),
    info: true,
    max_record_size: MAX_ROW_BYTES,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
  });
  parser.on('skip', ({ message, lines }: { message: string; lines?: number }) => {
    skipped.add(`${basename(file)}:${lines ?? '?'}`, message.slice(0, 100));
  });
  const rows: Table['rows'] = [];
  const input = createReadStream(file).on('error', (error) => parser.destroy(error));
  for await (const item of input.pipe(parser)) {
    const { record, info } = item as { record: Row; info: { lines: number } };
    throwIfAborted(options.signal);
    rows.push({ row: record, line: info.lines });
  }
  return { schema: schemaOf(file, columns, options), person: personReader(columns, rows), rows };
}

/** Where the path of a row lies on this machine, or undefined when there is no such file. */
class ImageFinder {
  readonly #files = new ExistingFiles();
  #preferred = 0;

  constructor(private readonly root: string) {}

  async find(path: string): Promise<string | undefined> {
    const local = path.replaceAll('\\', '/');
    if (isAbsolute(local) && (await this.#files.has(local))) return local;
    // The folder that the last image was found in is tried first: a table keeps to one.
    const order = [this.#preferred, ...IMAGE_FOLDERS.keys()];
    for (const i of order) {
      const candidate = join(this.root, IMAGE_FOLDERS[i]!, local);
      if (!(await this.#files.has(candidate))) continue;
      this.#preferred = i;
      return candidate;
    }
    return undefined;
  }
}

/** A folder real/ or fake/ in a row's path that says the opposite of its label. */
function contradiction(path: string, label: 0 | 1): string | undefined {
  const folders = path.split(/[\\/]/).slice(0, -1).reverse();
  const folder = folders.map(labelOfWord).find((label) => label !== undefined);
  if (folder === undefined || folder === label) return undefined;
  return `says ${NAME_OF_LABEL[label]} but lies in ${NAME_OF_LABEL[folder]}/`;
}

function sourceOf(row: Row, path: string, label: 0 | 1): string {
  return row['source'] || (label === 1 && row['spe_label']) || namePrefix(path.split(/[\\/]/).at(-1)!) || NAME_OF_LABEL[label];
}

interface RowContext {
  schema: CsvSchema;
  file: CsvFile;
  finder: ImageFinder;
}

/** The sample of a row, or why there is none. */
async function readRow(row: Row, { schema, file, finder }: RowContext): Promise<DatasetSample | string> {
  const given = schema.path(row)?.trim();
  if (!given) return 'has no path';
  const label = schema.label(row);
  if (label === undefined) return 'has a label that is neither real nor fake';
  const wrong = contradiction(given, label);
  if (wrong !== undefined) return wrong;
  const split = file.split ?? (row['split'] ? splitOfWord(row['split']) : null);
  if (split === undefined) return `has the unknown split ${row['split']!.slice(0, 20)}`;
  const path = await finder.find(given);
  if (path === undefined) return `names a file that does not exist: ${given.slice(-80)}`;
  const name = given.replaceAll('\\', '/').replace(/^\/+/, '');
  return { path, name, label, source: sourceOf(row, given, label), split, columns: row };
}

interface FileContext {
  options: ReadOptions;
  finder: ImageFinder;
  skipped: SkipLog;
}

/** Once one row of a table has a split, the others are in none, whichever is asked for. */
function tellUnsplit(samples: readonly DatasetSample[], first: string, skipped: SkipLog): void {
  const unsplit = samples.filter(({ split }) => split === null).length;
  if (unsplit === 0 || unsplit === samples.length) return;
  skipped.tell(first, `${unsplit} rows have no split and are in no part, this one first`);
}

async function readFile(file: CsvFile, { options, finder, skipped }: FileContext): Promise<[Layout, DatasetSample[]]> {
  const { schema, person, rows } = await readTable(file.path, options, skipped);
  const samples: DatasetSample[] = [];
  let firstUnsplit = '';
  for (const { row, line } of rows) {
    const where = `${basename(file.path)}:${line}`;
    throwIfAborted(options.signal);
    const sample = await readRow(row, { schema, file, finder });
    if (typeof sample === 'string') {
      skipped.add(where, sample);
      continue;
    }
    const { problem, ...shown } = person?.(row) ?? {};
    if (problem !== undefined) skipped.note(where, problem);
    if (sample.split === null) firstUnsplit ||= where;
    samples.push({ ...sample, ...shown });
  }
  tellUnsplit(samples, firstUnsplit, skipped);
  return [schema.layout, samples];
}

/** `train.csv`, `valid.csv`, `test.csv` of a folder by their names; or its only CSV. Empty: neither. */
export function csvFilesOf(folder: string, files: readonly string[]): CsvFile[] {
  const tables = files.filter((name) => /\.csv$/i.test(name));
  const named = tables.filter((name) => splitOfWord(name.replace(/\.csv$/i, '')) !== undefined);
  if (named.length === 0 && tables.length !== 1) return [];
  return (named.length > 0 ? named : tables).map((name) => ({
    path: join(folder, name),
    split: splitOfWord(name.replace(/\.csv$/i, '')) ?? null,
  }));
}

/** @throws DeepcodeError ERR_DATASET for columns that are not understood and for too many bad rows */
export async function readCsvFiles(
  files: readonly CsvFile[],
  options: ReadOptions,
  skipped: SkipLog,
): Promise<[Layout, DatasetSample[]]> {
  const finder = new ImageFinder(resolve(options.root ?? dirname(files[0]!.path)));
  let layout: Layout = 'csv';
  const samples: DatasetSample[] = [];
  for (const file of files) {
    const [found, rows] = await readFile(file, { options, finder, skipped });
    layout = found;
    for (const sample of rows) samples.push(sample);
  }
  return [layout, samples];
}
