/** `real/` and `fake/` folders, with or without `train|valid|test` above them. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted } from '../../abortable.js';
import { datasetError, type DatasetOptions, type DatasetSample, type SkipLog, type Split } from './dataset.js';
import { compareNames, labelOfWord, namePrefix, splitOfWord } from './names.js';

/** What counts as an image in a folder. */
export const IMAGE_FILE = /\.(jpe?g|jfif|png|webp)$/i;
const EXPECTED = 'real/ and fake/, or train/, valid/ and test/ that contain them';

interface Folder {
  folders: string[];
  files: string[];
}

/** Sorted; entries that begin with a dot or `__` (such as __MACOSX) do not count. */
export async function listFolder(path: string): Promise<Folder> {
  const entries = await readdir(path, { withFileTypes: true });
  const visible = entries.filter(({ name }) => !name.startsWith('.') && !name.startsWith('__'));
  const names = (isFolder: boolean): string[] =>
    visible.filter((entry) => entry.isDirectory() === isFolder).map(({ name }) => name).sort(compareNames);
  return { folders: names(true), files: names(false) };
}

interface ClassFolder {
  path: string;
  /** Below the data set's folder. */
  name: string;
  label: 0 | 1;
  split: Split | null;
}

/** All images below a class folder, in order; `source` is the first sub-folder or the file name's prefix. */
async function* imagesBelow(folder: ClassFolder, inside = '', source?: string): AsyncGenerator<DatasetSample> {
  const { folders, files } = await listFolder(join(folder.path, inside));
  for (const file of files.filter((name) => IMAGE_FILE.test(name))) {
    yield {
      path: join(folder.path, inside, file),
      name: [folder.name, inside, file].filter(Boolean).join('/'),
      label: folder.label,
      source: source ?? namePrefix(file) ?? (folder.label === 0 ? 'real' : 'fake'),
      split: folder.split,
      columns: {},
    };
  }
  for (const name of folders) yield* imagesBelow(folder, inside ? `${inside}/${name}` : name, source ?? name);
}

/** The real/ and fake/ folders of `path`. Any other folder beside them is an error, not a class. */
function classFolders(name: string, path: string, folders: string[], split: Split | null): ClassFolder[] {
  return folders.map((folder) => {
    const label = labelOfWord(folder);
    if (label === undefined) throw datasetError(name, `expected only real/ and fake/ but found ${folder}/.`);
    const below = split === null ? folder : `${path.split('/').at(-1)}/${folder}`;
    return { path: join(path, folder), name: below, label, split };
  });
}

const isClassName = (name: string): boolean => labelOfWord(name) !== undefined;

async function splitFolders(name: string, root: string, folders: string[], skipped: SkipLog): Promise<ClassFolder[]> {
  const found: ClassFolder[] = [];
  for (const folder of folders) {
    const split = splitOfWord(folder);
    const inside = await listFolder(join(root, folder));
    if (split !== undefined) {
      if (inside.folders.length === 0) throw datasetError(name, `expected real/ and fake/ in ${folder}/.`);
      found.push(...classFolders(name, join(root, folder), inside.folders, split));
      continue;
    }
    // A data set of its own beside the splits may be opened by its own path; anything else is a mistake.
    if (!inside.folders.some(isClassName)) throw datasetError(name, `expected ${EXPECTED} but found ${folder}/.`);
    skipped.add(folder, 'is a data set of its own beside the splits');
  }
  return found;
}

/** True when `folders` of a data set's root look like this layout. */
export function isFolderLayout(folders: readonly string[]): boolean {
  return folders.some((name) => isClassName(name) || splitOfWord(name) !== undefined);
}

export async function readFolders(
  name: string,
  root: string,
  { signal }: Pick<DatasetOptions, 'signal'>,
  skipped: SkipLog,
): Promise<DatasetSample[]> {
  const { folders } = await listFolder(root);
  if (!isFolderLayout(folders)) {
    const found = folders.slice(0, 5).map((folder) => `${folder}/`).join(', ') || 'no folders';
    throw datasetError(name, `expected ${EXPECTED}, or CSV or JSON files, but found ${found}.`);
  }
  const classes = folders.some(isClassName)
    ? classFolders(name, root, folders, null)
    : await splitFolders(name, root, folders, skipped);
  const samples: DatasetSample[] = [];
  for (const folder of classes) {
    for await (const sample of imagesBelow(folder)) {
      throwIfAborted(signal);
      samples.push(sample);
    }
  }
  return samples;
}
