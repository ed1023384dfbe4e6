/** Opens a data set of any layout. */
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { DeepcodeError, invalidArgument, isAbort } from '../../errors.js';
import { checkSignalOption, throwIfAborted } from '../../abortable.js';
import { integer, resolveOptions } from '../../options.js';
import { csvFilesOf, readCsvFiles } from './csv.js';
import { datasetError, SkipLog, SPLITS } from './dataset.js';
import type { Dataset, DatasetOptions, DatasetSample, Layout, Split } from './dataset.js';
import { readDeepfakeBench } from './deepfake-bench.js';
import { isFolderLayout, listFolder, readFolders } from './folders.js';

export const DATASET_OPTIONS = {
  maxSkipped: integer({ default: 20, min: 0, max: 1e9, help: 'bad rows and missing files to skip before giving up' }),
} as const;

type Found = [Layout, DatasetSample[]];

async function readPath(path: string, options: DatasetOptions, skipped: SkipLog): Promise<Found> {
  const name = basename(path);
  if (/\.csv$/i.test(path)) return readCsvFiles([{ path, split: null }], options, skipped);
  if (/\.json$/i.test(path)) return ['deepfake-bench', await readDeepfakeBench(path, options, skipped)];
  if (!(await stat(path)).isDirectory()) throw datasetError(name, 'expected a folder, a CSV or a JSON file.');
  const { folders, files } = await listFolder(path);
  if (isFolderLayout(folders)) return ['folders', await readFolders(name, path, options, skipped)];
  const tables = csvFilesOf(path, files);
  if (tables.length > 0) return readCsvFiles(tables, options, skipped);
  // Kaggle's archive may be unpacked without its tables.
  const inner = ['real_vs_fake', 'real-vs-fake'].find((folder) => folders.includes(folder));
  if (inner !== undefined) return readPath(resolve(path, inner), options, skipped);
  return ['folders', await readFolders(name, path, options, skipped)];
}

function toDatasetError(name: string, error: unknown): unknown {
  if (error instanceof DeepcodeError || isAbort(error)) return error;
  if (error instanceof SyntaxError) return datasetError(name, 'the JSON is damaged.');
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string') return error;
  const reason = code === 'ENOENT' ? 'there is no such file or folder' : code;
  return new DeepcodeError('ERR_IO', `Cannot read data set ${name.slice(-80)}: ${reason}.`, { cause: error });
}

function keepSplit(name: string, samples: DatasetSample[], split: Split | undefined): DatasetSample[] {
  if (split === undefined) return samples;
  const kept = samples.filter((sample) => sample.split === split);
  if (kept.length > 0) return kept;
  const found = SPLITS.filter((each) => samples.some((sample) => sample.split === each)).join(', ');
  throw datasetError(name, `it has no ${split} split, only ${found || 'images that are not split'}.`);
}

async function open(path: string, options: DatasetOptions): Promise<Dataset> {
  const { maxSkipped } = resolveOptions(DATASET_OPTIONS, options);
  const name = basename(resolve(path));
  const skipped = new SkipLog(name, maxSkipped);
  try {
    throwIfAborted(options.signal);
    const [layout, all] = await readPath(resolve(path), options, skipped);
    if (options.label !== undefined && layout !== 'csv') throw datasetError(name, 'a label is for CSV files without one.');
    if (all.length === 0) throw datasetError(name, 'it has no JPEG, PNG or WebP images.');
    const samples = keepSplit(name, all, options.split);
    const splits = SPLITS.filter((split) => all.some((sample) => sample.split === split));
    return { name, layout, classes: ['real', 'fake'], samples, splits, skipped: skipped.entries, notes: skipped.notes };
  } catch (error) {
    throw toDatasetError(name, error);
  }
}

/**
 * Opens a data set and lists its images; none is decoded.
 *
 * @param path a folder with `real/` and `fake/`, with or without `train|valid|test` above them; the folder of
 *   Kaggle's 140k faces; a CSV with path and label, or the demographic tables of the fairness detector; a folder
 *   with such tables per split; a dataset JSON of DeepfakeBench
 * @throws TypeError, RangeError at once for wrong arguments
 * @returns rejects with ERR_IO, or ERR_DATASET: names that are not understood (labels are never guessed), no images,
 *   a split that is not there, more bad entries than maxSkipped; AbortError
 */
export function openDataset(path: string, options: DatasetOptions = {}): Promise<Dataset> {
  if (typeof path !== 'string' || path === '') throw invalidArgument('path', 'a path', path);
  resolveOptions(DATASET_OPTIONS, options);
  checkSignalOption(options.signal);
  const { split } = options;
  if (split !== undefined && !SPLITS.includes(split)) {
    throw invalidArgument('split', `one of ${SPLITS.join(', ')}`, split);
  }
  const label: unknown = options.label;
  if (label !== undefined && label !== 'real' && label !== 'fake') throw invalidArgument('label', 'real or fake', label);
  return open(path, options);
}
