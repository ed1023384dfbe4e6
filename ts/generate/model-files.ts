/** Where a model is: a folder in diffusers' layout, one file in the original code's, or a hub id. */
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { DeepcodeError } from '../errors.js';
import { type HubFolderOptions, fetchModelFolder } from './hub-folder.js';
import { readModelFolder, type ModelFolder } from './model-folder.js';
import { readSingleFile } from './single-file.js';

/** Configs that were read, and paths of weights that were found. */
export interface ModelFiles extends Omit<ModelFolder, 'folder'> {
  /** Of the folder or the file. */
  path: string;
  /** For messages and parameters. */
  name: string;
  /** All three networks' weights are in one file, under the original code's names. */
  singleFile: boolean;
}

export interface LocateOptions extends HubFolderOptions {
  /** For a single file: a folder with its configs and tokenizer. */
  config: string | undefined;
}

/** `owner/name`, with a revision after @. */
const HUB_ID = /^[A-Za-z0-9][\w.-]*\/[\w.-]+(@[\w./-]+)?$/;

type Kind = 'folder' | 'file' | undefined;

const kindOf = (path: string): Promise<Kind> =>
  stat(path).then(
    (found) => (found.isDirectory() ? 'folder' : 'file'),
    () => undefined,
  );

async function folderFiles(folder: string, name: string, { variant, safetyChecker }: LocateOptions): Promise<ModelFiles> {
  const { folder: path, ...files } = await readModelFolder(folder, variant, safetyChecker, name);
  return { ...files, path, name, singleFile: false };
}

async function singleFile(path: string, { config: configFolder, signal, onDownload }: LocateOptions): Promise<ModelFiles> {
  const files = await readSingleFile(path, { configFolder, signal, onDownload });
  return { ...files, path, name: basename(path), singleFile: true };
}

/**
 * Finds and reads everything of a model but its weights.
 *
 * @throws DeepcodeError ERR_IO naming what is missing, ERR_CONFIG, the hub's errors, or AbortError
 */
export async function locateModel(model: string, options: LocateOptions): Promise<ModelFiles> {
  const kind = await kindOf(model);
  const path = resolve(model);
  if (kind === 'folder') return folderFiles(path, basename(path), options);
  if (kind === 'file') return singleFile(path, options);
  if (kind === undefined && HUB_ID.test(model)) return folderFiles(await fetchModelFolder(model, options), model, options);
  const advice = 'Check the path, or name a hub id such as owner/name.';
  throw new DeepcodeError('ERR_IO', `There is no model folder or file ${model.slice(-160)}. ${advice}`);
}
