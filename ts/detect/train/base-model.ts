/** The model that training starts from: its folder, its description, and an adapter to continue from. */
import { basename, dirname, join, resolve } from 'node:path';
import { DeepcodeError } from '../../errors.js';
import { resolveModel } from '../../hub/index.js';
import { digestFiles } from '../../weights/digest-files.js';
import { parseAdapterConfig, type AdapterConfig } from '../adapter-config.js';
import { weightsFile } from '../detector-source.js';
import { readJsonFile } from '../read-json.js';
import { parseVitConfig, type VitConfig } from '../vit-config.js';
import type { ResolvedTrainOptions } from './options.js';

export interface BaseModel {
  /** Absolute path. */
  folder: string;
  /** config.json as it is; for export. */
  config: Readonly<Record<string, unknown>>;
  vit: VitConfig;
  /** model.safetensors or its index; null: random weights. */
  weights: string | null;
  /** What --init-adapter names. */
  adapter: { config: AdapterConfig; weights: string } | null;
  /** SHA-256 over config, weights and adapter. */
  digest: string;
}

/** Files of a hub repository that a model is made of. */
export const HUB_FILES = [
  'config.json',
  'model.safetensors',
  'model.safetensors.index.json',
  'model-*.safetensors',
];

const ADAPTER_FILES = ['adapter_config.json', 'adapter_model.safetensors'] as const;

/** An index names its shards; anything else stands for itself. */
async function filesOf(weights: string): Promise<string[]> {
  if (!weights.endsWith('.index.json')) return [weights];
  const index = (await readJsonFile(weights, basename(weights))) as { weight_map?: Record<string, string> };
  const shards = [...new Set(Object.values(index.weight_map ?? {}))].sort();
  return [weights, ...shards.map((name) => join(dirname(weights), name))];
}

async function openAdapter(folder: string): Promise<BaseModel['adapter']> {
  const where = join(basename(folder), ADAPTER_FILES[0]);
  const config = parseAdapterConfig(await readJsonFile(join(folder, ADAPTER_FILES[0]), where), where);
  return { config, weights: join(folder, ADAPTER_FILES[1]) };
}

function vitOf(config: unknown, folder: string, options: ResolvedTrainOptions): VitConfig {
  const { imageSize, cropPct, head } = options;
  const vit = parseVitConfig(config, join(basename(folder), 'config.json'), {
    ...(imageSize > 0 && { imageSize: [imageSize, imageSize] as const }),
    ...(cropPct > 0 && { cropPct }),
    ...(head === 'new' && { numClasses: 2 }),
  });
  const { numClasses } = vit.options;
  if (head === 'keep' && numClasses !== 2) {
    throw new DeepcodeError(
      'ERR_CONFIG',
      `The model's head has ${numClasses} classes, so it cannot be kept. Use --head new.`,
    );
  }
  if (numClasses < 2) {
    throw new DeepcodeError(
      'ERR_CONFIG',
      `The model's head has ${numClasses} logit, but two are needed. Use --head new.`,
    );
  }
  return vit;
}

/**
 * Finds and describes the base model; nothing is loaded yet.
 *
 * @throws DeepcodeError ERR_IO, ERR_CONFIG, ERR_NETWORK and others of the hub
 */
export async function openBaseModel(
  model: string,
  options: ResolvedTrainOptions,
  signal?: AbortSignal,
): Promise<BaseModel> {
  const folder = await resolveModel(model, {
    files: [],
    optionalFiles: HUB_FILES,
    ...(signal && { signal }),
  });
  const where = join(basename(folder), 'config.json');
  const config = (await readJsonFile(join(folder, 'config.json'), where)) as Readonly<
    Record<string, unknown>
  >;
  const vit = vitOf(config, folder, options);
  const weights = options.init !== 'pretrained' ? null : await weightsFile(folder);
  const adapterFolder = options.initAdapter === undefined ? undefined : resolve(options.initAdapter);
  const files = [
    join(folder, 'config.json'),
    ...(weights === null ? [] : await filesOf(weights)),
    ...(adapterFolder === undefined ? [] : ADAPTER_FILES.map((name) => join(adapterFolder, name))),
  ];
  return {
    folder,
    config,
    vit,
    weights,
    adapter: adapterFolder === undefined ? null : await openAdapter(adapterFolder),
    digest: await digestFiles(files, 'A weight file of the base model', signal),
  };
}
