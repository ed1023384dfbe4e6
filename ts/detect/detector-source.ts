/** Where a detector's files are: a model folder, an adapter on one, a run of training, a hub id, or our own. */
import { readFile, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { DeepcodeError } from '../errors.js';
import { PACKAGE_ROOT } from '../package-version.js';
import { readDetectorJson } from './detector-json.js';
import { Fields } from './json-fields.js';

/** The detector that ships with the package. */
export const DEFAULT_MODEL_FOLDER = join(PACKAGE_ROOT, 'ts', 'detect', 'default-model');

export interface DetectorSource {
  /** Folder with config.json and model.safetensors (or its index). */
  model: string;
  /** PEFT adapter folder, or none. */
  adapter: string | undefined;
}

/** Finds the folder of a hub id; injected, so that this file does not know the hub. */
export type ResolveId = (id: string, signal?: AbortSignal) => Promise<string>;

/** `owner/name`, with a revision after @. */
const HUB_ID = /^[A-Za-z0-9][\w.-]*\/[\w.-]+(@[\w./-]+)?$/;

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

const isAdapter = (folder: string): Promise<boolean> => isFile(join(folder, 'adapter_config.json'));

async function findWeights(folder: string): Promise<string | undefined> {
  for (const name of ['model.safetensors', 'model.safetensors.index.json']) {
    if (await isFile(join(folder, name))) return join(folder, name);
  }
  return undefined;
}

async function hasWeights(folder: string): Promise<boolean> {
  return (await findWeights(folder)) !== undefined;
}

/** The weights of a model folder, or the index of their shards. */
export async function weightsFile(folder: string): Promise<string> {
  const found = await findWeights(folder);
  if (found !== undefined) return found;
  throw new DeepcodeError(
    'ERR_IO',
    `${basename(folder)} holds no model.safetensors. Other formats are read by: deepcode convert.`,
  );
}

async function defaultSource(): Promise<DetectorSource> {
  if (await hasWeights(DEFAULT_MODEL_FOLDER))
    return { model: DEFAULT_MODEL_FOLDER, adapter: undefined };
  throw new DeepcodeError(
    'ERR_IO',
    'This build carries no default detector. Name a model folder or hub id (--model).',
  );
}

async function peftBaseName(adapter: string): Promise<string | null> {
  const where = join(basename(adapter), 'adapter_config.json');
  try {
    const content = await readFile(join(adapter, 'adapter_config.json'), 'utf8');
    return new Fields(JSON.parse(content), where).optionalText('base_model_name_or_path');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new DeepcodeError('ERR_CONFIG', `${where} is not valid JSON.`, { cause: error });
  }
}

/** The base of an adapter, as training or PEFT noted it: a path, also relative to the adapter, or an id. */
async function baseOf(
  adapter: string,
  resolveId: ResolveId,
  signal?: AbortSignal,
): Promise<string> {
  const name = (await readDetectorJson(adapter))?.base ?? (await peftBaseName(adapter));
  if (name === null) {
    throw new DeepcodeError(
      'ERR_CONFIG',
      `${basename(adapter)} does not say which base model it belongs to. Pass it as the model.`,
    );
  }
  for (const folder of isAbsolute(name) ? [name] : [resolve(adapter, name), resolve(name)]) {
    if (await hasWeights(folder)) return folder;
  }
  if (HUB_ID.test(name)) return resolveId(name, signal);
  throw new DeepcodeError(
    'ERR_IO',
    `The adapter's base model ${name.slice(-120)} is not there. Pass its folder as the model.`,
  );
}

/** A run of training holds its result in adapter/ or, when every weight was trained, in model/. */
async function partOfRun(folder: string): Promise<string> {
  if ((await isAdapter(folder)) || (await hasWeights(folder))) return folder;
  for (const part of ['adapter', 'model'].map((name) => join(folder, name))) {
    if ((await isAdapter(part)) || (await hasWeights(part))) return part;
  }
  throw new DeepcodeError(
    'ERR_IO',
    `${basename(folder)} holds no detector: expected config.json with model.safetensors, or a PEFT adapter.`,
  );
}

async function modelFolder(
  model: string,
  resolveId: ResolveId,
  signal?: AbortSignal,
): Promise<string> {
  if (await isFolder(model)) return partOfRun(resolve(model));
  if (HUB_ID.test(model)) return resolveId(model, signal);
  throw new DeepcodeError(
    'ERR_IO',
    `There is no model folder ${model.slice(-160)}. Check the path, or name a hub id such as owner/name.`,
  );
}

/**
 * Finds the files of a detector.
 *
 * @param model folder or hub id; undefined: the detector of this package
 * @param adapter folder of a PEFT adapter to fold in
 * @throws DeepcodeError ERR_IO when something is not there, ERR_CONFIG when a file is not as it should be
 */
export async function locateDetector(
  model: string | undefined,
  adapter: string | undefined,
  resolveId: ResolveId,
  signal?: AbortSignal,
): Promise<DetectorSource> {
  const adapterFolder = adapter === undefined ? undefined : await partOfRun(resolve(adapter));
  if (adapterFolder !== undefined && !(await isAdapter(adapterFolder))) {
    throw new DeepcodeError(
      'ERR_IO',
      `${basename(adapterFolder)} holds no adapter_config.json, so it is no PEFT adapter.`,
    );
  }
  if (model === undefined && adapterFolder === undefined) return defaultSource();
  const folder = model === undefined ? undefined : await modelFolder(model, resolveId, signal);
  if (folder !== undefined && !(await isAdapter(folder)))
    return { model: folder, adapter: adapterFolder };
  const outer = adapterFolder ?? folder!;
  if (folder !== undefined && adapterFolder !== undefined) {
    throw new DeepcodeError(
      'ERR_CONFIG',
      'The model is an adapter itself. Name its base model, and one adapter.',
    );
  }
  return { model: await baseOf(outer, resolveId, signal), adapter: outer };
}
