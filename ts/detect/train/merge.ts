/** Folds an adapter into its base model: one timm folder that gives the same logits at no extra cost. */
import { readdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { DeepcodeError, invalidArgument } from '../../errors.js';
import { resolveModel } from '../../hub/index.js';
import { callNative } from '../../native.js';
import type { NativeTrainerSpec } from '../../native/trainer.js';
import { choice, resolveOptions, text, type Given } from '../../options.js';
import { writeAtomicFolder } from '../../weights/atomic-folder.js';
import { parseAdapterConfig, resolveAdapter } from '../adapter-config.js';
import { DETECTOR_FILE, formatDetectorJson, readDetectorJson, type DetectorJson } from '../detector-json.js';
import { locateDetector, weightsFile, type DetectorSource } from '../detector-source.js';
import { readJsonFile } from '../read-json.js';
import { parseVitConfig, type VitConfig } from '../vit-config.js';
import { HUB_FILES } from './base-model.js';
import { modelConfig } from './model-config.js';

export const MERGE_OPTIONS = {
  model: text({ placeholder: 'DIR|ID', help: 'base model; default: the one that the adapter names' }),
  adapter: text({ placeholder: 'DIR', help: 'PEFT adapter folder, or a run that has one' }),
  out: text({ placeholder: 'DIR', help: 'folder to write; it must not exist or be empty' }),
  saveDtype: choice({ choices: ['fp32', 'fp16', 'bf16'], default: 'fp32', help: 'dtype of the weights' }),
} as const;

export type MergeOptions = Given<typeof MERGE_OPTIONS>;

export interface MergeReport {
  /** Absolute path of the folder that was written. */
  folder: string;
  /** Layers that the adapter changed. */
  layers: number;
  /** Modules that it replaced as a whole. */
  modules: readonly string[];
}

interface Description {
  config: Readonly<Record<string, unknown>>;
  vit: VitConfig;
  detector: DetectorJson | undefined;
  spec: NativeTrainerSpec;
}

async function describe({ model, adapter }: Required<DetectorSource>): Promise<Description> {
  const where = join(basename(adapter!), 'adapter_config.json');
  const peft = parseAdapterConfig(await readJsonFile(join(adapter!, 'adapter_config.json'), where), where);
  const detector = (await readDetectorJson(adapter!)) ?? (await readDetectorJson(model));
  const configName = join(basename(model), 'config.json');
  const config = (await readJsonFile(join(model, 'config.json'), configName)) as Description['config'];
  const newHead = peft.modulesToSave.includes('head');
  const size = detector?.preprocessing.inputSize;
  const vit = parseVitConfig(config, configName, {
    ...(size && { imageSize: [size[1], size[2]] as const }),
    ...(newHead && { numClasses: 2 }),
  });
  const spec: NativeTrainerSpec = {
    vit: vit.options,
    weights: await weightsFile(model),
    newHead,
    adapter: resolveAdapter(peft, vit.options, where),
    adapterWeights: join(adapter!, 'adapter_model.safetensors'),
    trainable: 'adapter',
    freezeHead: true,
    numLogits: Math.min(2, vit.options.numClasses),
    dropPath: 0,
    cutMix: 0,
    flipAverage: false,
    mean: vit.preprocessing.mean,
    std: vit.preprocessing.std,
    loss: {
      classWeights: [1, 1],
      labelSmoothing: 0,
      sclWeight: 0,
      sclMargin: 0,
      sclDistance: 'euclidean',
      sclScaledMargin: false,
      fairness: null,
    },
    optimizer: { name: 'sgd', momentum: 0, weightDecay: 0, clipGradNorm: 0, samRho: 0 },
    seed: 0,
    device: 'cpu',
    dtype: 'fp32',
  };
  return { config, vit, detector, spec };
}

async function writeModel(
  out: string,
  described: Description,
  dtype: string,
  signal?: AbortSignal,
): Promise<void> {
  const { config, vit, detector, spec } = described;
  // A trainer is a network with an adapter that can write itself folded; nothing is trained here.
  const network = await callNative(signal, (addon, token) => addon.trainerCreate(spec, token));
  try {
    const labels = detector && detector.head === 'new' ? detector.labels : null;
    const merged = modelConfig(
      config,
      vit.options.numClasses,
      detector?.preprocessing ?? vit.preprocessing,
      labels,
    );
    await writeAtomicFolder(out, async (folder) => {
      await writeFile(join(folder, 'config.json'), `${JSON.stringify(merged, null, 2)}\n`);
      if (detector)
        await writeFile(join(folder, DETECTOR_FILE), formatDetectorJson({ ...detector, base: null }));
      await callNative(signal, () => network.saveModel(join(folder, 'model.safetensors'), dtype));
    });
  } finally {
    network.dispose();
  }
}

async function checkEmpty(out: string): Promise<void> {
  const entries = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new DeepcodeError('ERR_IO', `${out} cannot be written (${error.code}).`, { cause: error });
  });
  if (entries.length > 0)
    throw new DeepcodeError('ERR_IO', `${out} is not empty. Choose another --out, or remove it.`);
}

async function merge(options: Required<MergeOptions>, signal?: AbortSignal): Promise<MergeReport> {
  const out = resolve(options.out!);
  await checkEmpty(out);
  const resolveId = (id: string): Promise<string> =>
    resolveModel(id, { files: [], optionalFiles: HUB_FILES, ...(signal && { signal }) });
  const source = await locateDetector(options.model, options.adapter, resolveId, signal);
  const described = await describe(source as Required<DetectorSource>);
  await writeModel(out, described, options.saveDtype!, signal);
  const { layers, modulesToSave } = described.spec.adapter!;
  return { folder: out, layers: layers.length, modules: modulesToSave };
}

/**
 * Writes the merged model as a timm folder, with the adapter's detector.json.
 *
 * @throws TypeError at once for missing options
 * @returns rejects with DeepcodeError ERR_CONFIG, ERR_WEIGHTS_*, ERR_IO; ERR_NONFINITE when `saveDtype`
 *   cannot hold a weight; AbortError
 */
export function mergeAdapter(
  options: MergeOptions,
  { signal }: { signal?: AbortSignal } = {},
): Promise<MergeReport> {
  const resolved = resolveOptions(MERGE_OPTIONS, options);
  for (const name of ['adapter', 'out'] as const) {
    if (!resolved[name]) throw invalidArgument(name, 'a folder', resolved[name]);
  }
  return merge(resolved as Required<MergeOptions>, signal);
}
