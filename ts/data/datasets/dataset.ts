/** What every layout of a data set is read into. */
import { DeepcodeError } from '../../errors.js';
import type { Demographics } from '../demographics/demographics.js';

export const SPLITS = ['train', 'valid', 'test'] as const;
export type Split = (typeof SPLITS)[number];

export type Layout = 'folders' | 'kaggle-140k' | 'csv' | 'demographic-csv' | 'deepfake-bench';

export interface DatasetSample {
  /** Absolute path of the image file. */
  path: string;
  /** Path below the data set's folder, with forward slashes: names the sample in reports and digests. */
  name: string;
  /** 0 real, 1 fake. */
  label: 0 | 1;
  /** Where the image comes from, for reports by source: a sub-folder, a prefix of the file names, or a column. */
  source: string;
  /** Null where the data set is not split. */
  split: Split | null;
  /** Further columns of a CSV row, as written; for example ismale. */
  columns: Readonly<Record<string, string>>;
  /** Who is shown; absent where the data set has no such columns. */
  demographics?: Demographics;
  /** The same for all images of one person, where the data set has a column of that kind. */
  identity?: string;
}

/** Something that was left out, and why. */
export interface SkippedEntry {
  where: string;
  reason: string;
}

/** Something that was read differently than its author may have meant, and how often. */
export interface DatasetNote {
  what: string;
  count: number;
  /** Where it was seen first. */
  first: string;
}

export interface Dataset {
  /** Name of the folder or file. */
  name: string;
  layout: Layout;
  classes: readonly ['real', 'fake'];
  /** In the order of folders and names (by code point) or of the file's rows. */
  samples: DatasetSample[];
  /** The splits that have samples; empty: the set is not split. */
  splits: Split[];
  skipped: SkippedEntry[];
  /** Demographic cells that could not be taken; their images are kept. */
  notes: DatasetNote[];
}

export interface DatasetOptions {
  /** Only the samples of this split. Default: all. */
  split?: Split | undefined;
  /** Bad rows and missing files to skip before giving up. Default 20. */
  maxSkipped?: number | undefined;
  /** Folder that relative paths of a CSV or JSON start from. Default: the folder of that file. */
  root?: string | undefined;
  /** Class of all images of a CSV that has no column for it. Default: such a CSV is refused. */
  label?: 'real' | 'fake' | undefined;
  /** Compression level of FaceForensics++ in a DeepfakeBench JSON. Default "c23". */
  compression?: string | undefined;
  /** Ends the listing. */
  signal?: AbortSignal | undefined;
}

/** Collects what is left out, up to a limit, and what is noted. */
export class SkipLog {
  readonly #bad: SkippedEntry[] = [];
  readonly #told: SkippedEntry[] = [];
  readonly #notes = new Map<string, DatasetNote>();

  constructor(
    private readonly name: string,
    private readonly limit: number,
  ) {}

  /** @throws DeepcodeError ERR_DATASET when there are more than the limit */
  add(where: string, reason: string): void {
    this.#bad.push({ where, reason });
    if (this.#bad.length <= this.limit) return;
    const last = `${where.slice(-80)}: ${reason}`;
    throw datasetError(this.name, `more than ${this.limit} entries are bad, the last one ${last}. Raise maxSkipped.`);
  }

  /** For what is bad as a whole, not an entry: it does not count towards the limit. */
  tell(where: string, reason: string): void {
    this.#told.push({ where, reason });
  }

  /** One note for all places with the same trouble. */
  note(where: string, what: string): void {
    const note = this.#notes.get(what);
    if (note === undefined) this.#notes.set(what, { what, count: 1, first: where });
    else note.count++;
  }

  get entries(): SkippedEntry[] {
    return [...this.#bad, ...this.#told];
  }

  get notes(): DatasetNote[] {
    return [...this.#notes.values()];
  }
}

export function datasetError(name: string, problem: string): DeepcodeError {
  return new DeepcodeError('ERR_DATASET', `Cannot open data set ${name.slice(-60)}: ${problem}`);
}
