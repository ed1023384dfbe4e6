/**
 * A Stable Diffusion model in diffusers' folder layout: what model_index.json names, found and read before
 * anything heavy begins.
 */
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Fields } from '../detect/json-fields.js';
import { readJsonFile } from '../detect/read-json.js';
import { DeepcodeError } from '../errors.js';
import { findWeights, weightsName, type FoundWeights, type WeightsStem } from './component-weights.js';
import { readSchedulerJson } from './schedulers.js';

/** A component's parsed config.json and its weights. */
export interface ModelComponent {
  config: unknown;
  /** Name of the config for messages: "sd15/unet/config.json". */
  where: string;
  /** Path of a .safetensors file or of its index. */
  weights: string;
}

export interface ModelFolder {
  folder: string;
  textEncoder: ModelComponent;
  unet: ModelComponent;
  vae: ModelComponent;
  scheduler: { config: unknown; where: string };
  /** Folder with vocab.json and merges.txt, or tokenizer.json. */
  tokenizer: string;
  /** null: the model has none, or none was asked for. */
  safetyChecker: (ModelComponent & { preprocessor: { config: unknown; where: string } }) | null;
}

/** A network of the model; `classes`: what model_index.json may call it. */
export interface ComponentKind {
  name: 'text_encoder' | 'unet' | 'vae' | 'safety_checker';
  stem: WeightsStem;
  classes: readonly string[];
}

const TEXT_ENCODER: ComponentKind = { name: 'text_encoder', stem: 'model', classes: ['CLIPTextModel'] };
const UNET: ComponentKind = { name: 'unet', stem: 'diffusion_pytorch_model', classes: ['UNet2DConditionModel'] };
const VAE: ComponentKind = { name: 'vae', stem: 'diffusion_pytorch_model', classes: ['AutoencoderKL'] };
const SAFETY_CHECKER: ComponentKind = { name: 'safety_checker', stem: 'model', classes: ['StableDiffusionSafetyChecker'] };

/** Pipelines whose folders hold the same networks. */
const PIPELINES = ['StableDiffusionPipeline', 'StableDiffusionImg2ImgPipeline', 'LatentConsistencyModelPipeline'] as const;

/** Components that change the image and that this package does not compute. */
const UNSUPPORTED = ['text_encoder_2', 'image_encoder', 'transformer', 'controlnet'];

export const MODEL_INDEX = 'model_index.json';
const TOKENIZER_FILES = ['vocab.json', 'merges.txt'];
const PREPROCESSOR = 'preprocessor_config.json';

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** The class of a component in model_index.json; null: there is none. */
function classOf(index: Fields, name: string): string | null {
  const value = index.raw(name) ?? null;
  if (value === null) return null;
  if (!Array.isArray(value) || value.length !== 2) throw index.refuse(name, 'a library and a class');
  return value[1] as string | null;
}

function checkIndex(index: Fields): void {
  index.choice('_class_name', PIPELINES);
  for (const { name, classes } of [TEXT_ENCODER, UNET, VAE]) {
    if (!classes.includes(classOf(index, name) ?? '')) throw index.refuse(name, classes.join(' or '));
  }
  for (const name of UNSUPPORTED) {
    if (classOf(index, name) !== null) throw index.refuse(name, 'nothing');
  }
  for (const name of ['scheduler', 'tokenizer']) {
    if (classOf(index, name) === null) throw index.refuse(name, 'a component');
  }
}

/** Finds the files of a folder and notes which are missing. */
class Inventory {
  readonly missing: string[] = [];

  constructor(
    readonly folder: string,
    readonly name: string,
  ) {}

  async file(...parts: [string, string]): Promise<string> {
    const path = join(this.folder, ...parts);
    if (!(await isFile(path))) this.missing.push(parts.join('/'));
    return path;
  }

  async weights({ name, stem }: ComponentKind, variant: string | undefined): Promise<FoundWeights> {
    const folder = join(this.folder, name);
    const found = await findWeights(folder, stem, variant);
    if (found !== undefined) return found;
    this.missing.push(weightsName(folder, stem, undefined));
    return { path: '', variant: undefined };
  }

  require(): void {
    if (this.missing.length === 0) return;
    const shown = this.missing.slice(0, 4).join(', ');
    const more = this.missing.length > 4 ? ` and ${this.missing.length - 4} more` : '';
    const ofChecker = this.missing.every((file) => /^(safety_checker|feature_extractor)\//.test(file));
    const advice = ofChecker ? ' safetyChecker: false (--no-safety-checker) draws without.' : '';
    throw new DeepcodeError('ERR_IO', `${this.name} is not complete: ${shown}${more} not found.${advice}`);
  }
}

interface Located {
  kinds: readonly ComponentKind[];
  weights: readonly FoundWeights[];
}

export const noVariant = (name: string, variant: string): DeepcodeError =>
  new DeepcodeError('ERR_IO', `${name} has no weights of the variant ${variant.slice(0, 40)}.`);

async function locateAll(folder: string, name: string, variant: string | undefined, kinds: readonly ComponentKind[]): Promise<Located> {
  const inventory = new Inventory(folder, name);
  for (const kind of kinds) await inventory.file(kind.name, 'config.json');
  await inventory.file('scheduler', 'scheduler_config.json');
  if (!(await isFile(join(folder, 'tokenizer', 'tokenizer.json')))) {
    for (const file of TOKENIZER_FILES) await inventory.file('tokenizer', file);
  }
  if (kinds.includes(SAFETY_CHECKER)) await inventory.file('feature_extractor', PREPROCESSOR);
  const weights: FoundWeights[] = [];
  for (const kind of kinds) weights.push(await inventory.weights(kind, variant));
  inventory.require();
  if (variant !== undefined && weights.every((found) => found.variant !== variant)) throw noVariant(name, variant);
  return { kinds, weights };
}

type Read = (...parts: [string, string]) => Promise<{ config: unknown; where: string }>;

/** Reads configs of a folder. */
const readerOf =
  (folder: string, name: string, read: (path: string, where: string) => Promise<unknown>): Read =>
  async (...parts) => {
    const where = join(name, ...parts);
    return { config: await read(join(folder, ...parts), where), where };
  };

/**
 * The networks that model_index.json says the pipeline has.
 *
 * @param name of the model, for messages
 * @throws DeepcodeError ERR_IO, ERR_CONFIG for another kind of model
 */
export async function componentsOf(folder: string, name: string, withSafetyChecker: boolean): Promise<readonly ComponentKind[]> {
  const where = join(name, MODEL_INDEX);
  const index = new Fields(await readJsonFile(join(folder, MODEL_INDEX), where), where);
  checkIndex(index);
  const withSafety = withSafetyChecker && classOf(index, SAFETY_CHECKER.name) !== null;
  return [TEXT_ENCODER, UNET, VAE, ...(withSafety ? [SAFETY_CHECKER] : [])];
}

/**
 * Reads a model folder.
 *
 * @param variant whose weights to take where there are such, for example "fp16"
 * @param name of the model, for messages
 * @throws DeepcodeError ERR_IO naming every file that is missing, ERR_CONFIG for another kind of model
 */
export async function readModelFolder(
  folder: string,
  variant: string | undefined,
  withSafetyChecker: boolean,
  name = basename(folder),
): Promise<ModelFolder> {
  const { kinds, weights } = await locateAll(folder, name, variant, await componentsOf(folder, name, withSafetyChecker));
  const readConfig = readerOf(folder, name, readJsonFile);
  const components: ModelComponent[] = [];
  for (const [i, kind] of kinds.entries()) {
    components.push({ ...(await readConfig(kind.name, 'config.json')), weights: weights[i]!.path });
  }
  const [textEncoder, unet, vae, safety] = components as [ModelComponent, ModelComponent, ModelComponent, ModelComponent?];
  return {
    folder,
    textEncoder,
    unet,
    vae,
    scheduler: await readerOf(folder, name, readSchedulerJson)('scheduler', 'scheduler_config.json'),
    tokenizer: join(folder, 'tokenizer'),
    safetyChecker: safety ? { ...safety, preprocessor: await readConfig('feature_extractor', PREPROCESSOR) } : null,
  };
}

/** What a hub repository holds of a model besides weights. */
export const HUB_CONFIGS = {
  files: [
    MODEL_INDEX,
    'scheduler/scheduler_config.json',
    ...[TEXT_ENCODER, UNET, VAE].map(({ name }) => `${name}/config.json`),
  ],
  optionalFiles: [
    'tokenizer/*.json',
    'tokenizer/merges.txt',
    `feature_extractor/${PREPROCESSOR}`,
    `${SAFETY_CHECKER.name}/config.json`,
  ],
} as const;
