/** The files of a captioner: transformers' folder of a `VisionEncoderDecoderModel` with ViT and GPT-2, or a hub id. */
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { readJsonFile } from '../detect/read-json.js';
import { DeepcodeError } from '../errors.js';
import { findWeights, weightsName } from '../generate/component-weights.js';
import { resolveModel } from '../hub/index.js';
import { parseImageProcessor, type CaptionPreprocessing } from './image-processor.js';
import { parseCaptionModel, type CaptionModelConfig } from './model-config.js';
import { TextDecoder } from './text-decoder.js';

const CONFIG = 'config.json';
const GENERATION = 'generation_config.json';
const PREPROCESSOR = 'preprocessor_config.json';

const HUB_FILES = {
  files: [CONFIG, PREPROCESSOR],
  optionalFiles: [GENERATION, 'vocab.json', 'merges.txt', 'tokenizer.json', 'model*.safetensors', 'model.safetensors.index.json'],
} as const;

export interface CaptionModel {
  config: CaptionModelConfig;
  preprocessing: CaptionPreprocessing;
  decoder: TextDecoder;
  /** Path of model.safetensors or of its index. */
  weights: string;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function locate(model: string, signal: AbortSignal | undefined): Promise<string> {
  if (await exists(model)) return resolve(model);
  const [id, revision] = model.split('@') as [string, string?];
  return resolveModel(id, { ...HUB_FILES, ...(revision !== undefined && { revision }), ...(signal && { signal }) });
}

async function weightsOf(folder: string): Promise<string> {
  const found = await findWeights(folder, 'model', undefined);
  if (found !== undefined) return found.path;
  const advice = (await exists(join(folder, 'pytorch_model.bin')))
    ? ' Make it with deepcode convert from pytorch_model.bin.'
    : '';
  throw new DeepcodeError('ERR_IO', `There is no ${weightsName(folder, 'model', undefined)}.${advice}`);
}

/** @throws DeepcodeError ERR_IO naming what is missing, ERR_CONFIG, the hub's errors, or AbortError */
export async function readCaptionModel(model: string, signal: AbortSignal | undefined): Promise<CaptionModel> {
  const folder = await locate(model, signal);
  const name = basename(folder);
  const read = (file: string): Promise<unknown> => readJsonFile(join(folder, file), `${name}/${file}`);
  const generation = (await exists(join(folder, GENERATION))) ? await read(GENERATION) : {};
  const config = parseCaptionModel(await read(CONFIG), generation, name);
  const preprocessing = parseImageProcessor(await read(PREPROCESSOR), config.encoder.imageHeight, `${name}/${PREPROCESSOR}`);
  const decoder = await TextDecoder.load(folder, config.decoder.vocabSize, [config.startId, config.endId]);
  return { config, preprocessing, decoder, weights: await weightsOf(folder) };
}
