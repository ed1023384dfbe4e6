/** From a model's files to loaded networks and what is needed around them. */
import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import { Fields } from '../detect/json-fields.js';
import { DeepcodeError } from '../errors.js';
import { callNative } from '../native.js';
import type { NativeSchedulerConfig } from '../native/scheduler.js';
import type { NativeTextToImage, NativeTextToImageSpec } from '../native/text-to-image.js';
import { resolveOptions } from '../options.js';
import { resolveRuntime, type ResolvedRuntime } from '../runtime.js';
import { parseClipTextConfig } from './config/clip-config.js';
import { parseUnetConfig } from './config/unet-config.js';
import { parseVaeConfig } from './config/vae-config.js';
import { locateModel, type ModelFiles } from './model-files.js';
import { LOAD_OPTIONS, type ResolvedGenerateOptions } from './options.js';
import { SafetyFilter } from './safety-filter.js';
import { parseSchedulerConfig, schedulerNameOf } from './schedulers.js';
import { ClipTokenizer } from './tokenizer.js';
import type { LoraOption, TextToImageInfo, TextToImageOptions } from './types.js';

/** A prompt as the text encoder takes it. */
export interface Tokenized {
  ids: readonly number[];
  /** Of the whole text, without start and end. */
  tokens: number;
  /** The end that found no place. */
  truncated: string;
  /** Tokens that find a place. */
  limit: number;
}

/** What a model's configs and tokenizer say about a generation, before any weight is read. */
export interface ModelOutline {
  /** Pixels on the side of a latent element. */
  downsampling: number;
  latentChannels: number;
  /** Pixels on the side of an image of which nothing is said. */
  defaultSize: number;
  tokenize(text: string): Tokenized;
  /** @throws DeepcodeError ERR_CONFIG for a sampler that does not fit the model */
  schedulerFor(options: Pick<ResolvedGenerateOptions, 'scheduler' | 'spacing' | 'eta'>): NativeSchedulerConfig;
}

/** What TextToImage is made of. */
export interface TextToImageParts extends ModelOutline {
  network: NativeTextToImage;
  safety: SafetyFilter | null;
  info: TextToImageInfo;
  /** The model's name for messages and parameters. */
  name: string;
  loras: readonly { name: string; scale: number }[];
}

/** What the configs say, before anything is loaded. */
interface Description {
  text: NativeTextToImageSpec['textEncoder']['options'];
  unet: NativeTextToImageSpec['unet']['options'];
  vae: NativeTextToImageSpec['vae']['options'];
  scalingFactor: number;
  /** Side of the latents that the UNet was trained on. */
  latentSize: number;
  downsampling: number;
  scheduler: string;
  tokenizer: ClipTokenizer;
}

/** diffusers' defaults, for configs that leave them out. */
const SCALING_FACTOR = 0.18215;
const LATENT_SIZE = 64;

/** Start and end of the text. */
const FRAME_TOKENS = 2;

function orDefault(fields: Fields, name: string, fallback: number, rule: { min: number; max: number; integer?: boolean }): number {
  return (fields.raw(name) ?? null) === null ? fallback : fields.number(name, rule);
}

/** Side of the latents; what diffusers' first versions wrote is less than Stable Diffusion's, and read as 64 there too. */
function latentSizeOf(unet: Fields): number {
  const size = orDefault(unet, 'sample_size', LATENT_SIZE, { min: 1, max: 4096, integer: true });
  const version = unet.raw('_diffusers_version');
  const isEarly = typeof version === 'string' && /^0\.[0-8](\.|$)/.test(version);
  return isEarly ? Math.max(size, LATENT_SIZE) : size;
}

/** Where networks were not made for each other, loading would fail later and say less. */
function checkFit({ text, unet, vae, tokenizer }: Description, where: string): void {
  const refuse = (what: string): DeepcodeError => new DeepcodeError('ERR_CONFIG', `${where}: ${what}.`);
  if (unet.crossAttentionDim.some((dim) => dim !== text.hiddenSize)) {
    throw refuse(`the UNet takes text of width ${unet.crossAttentionDim[0]}, but the text encoder gives ${text.hiddenSize}`);
  }
  if (unet.inChannels !== vae.latentChannels || unet.outChannels !== vae.latentChannels) {
    const others = 'inpainting and depth models are not supported';
    throw refuse(`a UNet of ${unet.inChannels} channels does not fit latents of ${vae.latentChannels}; ${others}`);
  }
  if (vae.inChannels !== 3 || vae.outChannels !== 3) throw refuse('expected a VAE of images with 3 channels');
  if (tokenizer.vocabularySize > text.vocabSize || tokenizer.maxLength > text.maxPositionEmbeddings) {
    throw refuse('the tokenizer has more tokens than the text encoder');
  }
}

async function describe(files: ModelFiles): Promise<Description> {
  const { textEncoder, unet, vae, scheduler, tokenizer } = files;
  const vaeOptions = parseVaeConfig(vae.config, vae.where);
  const description = {
    text: parseClipTextConfig(textEncoder.config, textEncoder.where),
    unet: parseUnetConfig(unet.config, unet.where),
    vae: vaeOptions,
    scalingFactor: orDefault(new Fields(vae.config, vae.where), 'scaling_factor', SCALING_FACTOR, { min: 1e-6, max: 1e6 }),
    latentSize: latentSizeOf(new Fields(unet.config, unet.where)),
    downsampling: 2 ** (vaeOptions.blockOutChannels.length - 1),
    scheduler: schedulerNameOf(scheduler.config, scheduler.where),
    tokenizer: await ClipTokenizer.load(tokenizer),
  };
  checkFit(description, files.name);
  return description;
}

async function checkLoras(loras: readonly LoraOption[]): Promise<NativeTextToImageSpec['loras']> {
  for (const { path } of loras) {
    await access(path).catch((cause: unknown) => {
      throw new DeepcodeError('ERR_IO', `There is no LoRA file ${path.slice(-160)}.`, { cause });
    });
  }
  return loras.map(({ path, scale = 1 }) => ({ weights: path, scale }));
}

function specOf(
  files: ModelFiles,
  described: Description,
  loras: NativeTextToImageSpec['loras'],
  cudaGraphs: boolean,
  runtime: ResolvedRuntime,
): NativeTextToImageSpec {
  return {
    textEncoder: { options: described.text, weights: files.textEncoder.weights },
    unet: { options: described.unet, weights: files.unet.weights },
    vae: { options: described.vae, weights: files.vae.weights },
    singleFile: files.singleFile,
    loras,
    scalingFactor: described.scalingFactor,
    latentSize: described.latentSize,
    cudaGraphs,
    ...runtime,
  };
}

function tokenizeWith(tokenizer: ClipTokenizer): (text: string) => Tokenized {
  return (text) => {
    const { ids, tokens, truncated } = tokenizer.encode(text);
    return { ids: [...ids], tokens, truncated, limit: tokenizer.maxLength - FRAME_TOKENS };
  };
}

function schedulerWith({ scheduler: { config, where } }: ModelFiles): ModelOutline['schedulerFor'] {
  return ({ scheduler, spacing, eta }) =>
    parseSchedulerConfig(config, where, {
      name: scheduler === 'model' ? undefined : scheduler,
      spacing: spacing === 'model' ? undefined : spacing,
      eta,
      inPipeline: true,
    });
}

async function loadNetworks(
  files: ModelFiles,
  spec: NativeTextToImageSpec,
  runtime: ResolvedRuntime,
  signal: AbortSignal | undefined,
): Promise<Pick<TextToImageParts, 'network' | 'safety'>> {
  const safety = files.safetyChecker && (await SafetyFilter.load(files.safetyChecker, runtime, signal));
  try {
    return { network: await callNative(signal, (addon, token) => addon.textToImageLoad(spec, token)), safety };
  } catch (error) {
    safety?.dispose();
    throw error;
  }
}

function outlineOf(files: ModelFiles, described: Description): ModelOutline {
  return {
    downsampling: described.downsampling,
    latentChannels: described.vae.latentChannels,
    defaultSize: described.latentSize * described.downsampling,
    tokenize: tokenizeWith(described.tokenizer),
    schedulerFor: schedulerWith(files),
  };
}

/**
 * Arguments are checked by the caller.
 *
 * @param foresee looks at the model before its weights are loaded; a rejection ends the load
 */
export async function loadTextToImageParts(
  model: string,
  options: TextToImageOptions,
  foresee?: (outline: ModelOutline) => Promise<void>,
): Promise<TextToImageParts> {
  const { signal, loras = [] } = options;
  const located = resolveOptions(LOAD_OPTIONS, options);
  // A model may have to be downloaded: what else can be wrong comes first.
  const runtime = resolveRuntime(options);
  const loraFiles = await checkLoras(loras);
  const files = await locateModel(model, { ...located, signal, onDownload: options.onDownload });
  const described = await describe(files);
  const outline = outlineOf(files, described);
  await foresee?.(outline);
  const { network, safety } = await loadNetworks(files, specOf(files, described, loraFiles, located.cudaGraphs, runtime), runtime, signal);
  return {
    network,
    safety,
    ...outline,
    name: files.name,
    loras: loras.map(({ path, scale = 1 }) => ({ name: basename(path), scale })),
    info: {
      model: files.path,
      parameters: network.parameterCount,
      defaultSize: outline.defaultSize,
      scheduler: described.scheduler,
      safetyChecker: safety !== null,
      ...runtime,
    },
  };
}
