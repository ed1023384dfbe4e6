/**
 * A single-file checkpoint of Stable Diffusion 1.x as if it were a folder in diffusers' layout. Configs come from a
 * folder where one is given, and else from the tensors; the tokenizer's vocabulary, which no checkpoint holds, from that
 * folder, from one beside the file, or from the hub.
 */
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readJsonFile } from '../detect/read-json.js';
import { DeepcodeError } from '../errors.js';
import { resolveModel, type DownloadProgress } from '../hub/index.js';
import { callNative } from '../native.js';
import type { StableDiffusionPart } from '../native/diffusion-weights.js';
import type { ModelFolder } from './model-folder.js';
import {
  inferTextEncoderConfig,
  inferUnetConfig,
  inferVaeConfig,
  SCHEDULER,
  type Shapes,
} from './single-file-configs.js';

export interface SingleFileOptions {
  /** A folder in diffusers' layout; its weights are not looked at, and every part of it may be missing. */
  configFolder?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Called as bytes of the vocabulary arrive from the hub. */
  onDownload?: ((progress: DownloadProgress) => void) | undefined;
}

/** The text encoder that every Stable Diffusion 1.x was trained with; only its vocabulary is fetched. */
const CLIP = 'openai/clip-vit-large-patch14';
const VOCABULARY = ['vocab.json', 'merges.txt'];
const VOCABULARY_SETTINGS = ['special_tokens_map.json', 'tokenizer_config.json'];

type Config = Readonly<Record<string, unknown>>;
type Infer = (shapes: Shapes, where: string) => Config;
interface ReadConfig {
  config: unknown;
  /** The config's name for messages. */
  where: string;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function configIn(folder: string | undefined, component: string, name: string): Promise<ReadConfig | undefined> {
  if (folder === undefined) return undefined;
  const path = join(folder, component, name);
  const where = join(basename(folder), component, name);
  return (await exists(path)) ? { config: await readJsonFile(path, where), where } : undefined;
}

async function shapesOf(path: string, part: StableDiffusionPart, signal: AbortSignal | undefined): Promise<Shapes> {
  const tensors = await callNative(signal, (addon) => addon.singleFileTensors(path, part));
  return new Map(tensors.map(({ name, shape }) => [name, shape]));
}

async function vocabularyFolder(path: string, options: SingleFileOptions): Promise<string> {
  const { configFolder, signal, onDownload } = options;
  const beside = dirname(path);
  const places = configFolder === undefined ? [] : [join(configFolder, 'tokenizer'), configFolder];
  for (const place of [...places, join(beside, 'tokenizer'), beside]) {
    const found = await Promise.all(['tokenizer.json', ...VOCABULARY].map((name) => exists(join(place, name))));
    if (found[0] || (found[1] && found[2])) return place;
  }
  const request = { files: VOCABULARY, optionalFiles: VOCABULARY_SETTINGS };
  const how = { ...(signal && { signal }), ...(onDownload && { onProgress: onDownload }) };
  return resolveModel(CLIP, { ...request, ...how }).catch((error: unknown) => {
    if (!(error instanceof DeepcodeError)) throw error;
    const advice = `Put ${VOCABULARY.join(' and ')} beside ${basename(path).slice(-60)}, or name their folder (config).`;
    throw new DeepcodeError(error.code, `${advice} ${error.message}`.slice(0, 300), { cause: error });
  });
}

async function checkFolder(folder: string | undefined): Promise<void> {
  if (folder === undefined) return;
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true)
    throw new DeepcodeError('ERR_IO', `There is no config folder ${folder.slice(-160)}.`);
}

/**
 * Reads the tensors' names and shapes, and the configs.
 *
 * @throws DeepcodeError ERR_IO, ERR_WEIGHTS_FORMAT for another kind of file, ERR_WEIGHTS_MISSING for a part of a
 *   model, ERR_CONFIG, and the hub's errors where the vocabulary is not at hand
 */
export async function readSingleFile(
  path: string,
  options: SingleFileOptions = {},
): Promise<Omit<ModelFolder, 'folder'>> {
  const { configFolder, signal } = options;
  await checkFolder(configFolder);
  const component = async (part: StableDiffusionPart, infer: Infer) => {
    const shapes = await shapesOf(path, part, signal);
    const where = `${basename(path)}: ${part}`;
    const config = (await configIn(configFolder, part, 'config.json')) ?? { config: infer(shapes, where), where };
    return { ...config, weights: path };
  };
  const scheduler = await configIn(configFolder, 'scheduler', 'scheduler_config.json');
  return {
    textEncoder: await component('text_encoder', inferTextEncoderConfig),
    unet: await component('unet', inferUnetConfig),
    vae: await component('vae', inferVaeConfig),
    scheduler: scheduler ?? { config: SCHEDULER, where: `${basename(path)}: scheduler` },
    tokenizer: await vocabularyFolder(path, options),
    safetyChecker: null,
  };
}
