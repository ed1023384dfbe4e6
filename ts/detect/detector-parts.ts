/** From a detector's files to a loaded network and what is needed around it. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Preprocessing } from '../data/preprocess.js';
import { DeepcodeError } from '../errors.js';
import { resolveModel } from '../hub/index.js';
import { callNative } from '../native.js';
import type { NativeDetectorSpec } from '../native/detector.js';
import { resolveOptions } from '../options.js';
import { resolveRuntime } from '../runtime.js';
import { parseAdapterConfig, resolveAdapter, type AdapterConfig } from './adapter-config.js';
import { DETECTOR_OPTIONS } from './detection.js';
import { defaultDetectorJson, readDetectorJson, type DetectorJson } from './detector-json.js';
import {
  locateDetector,
  weightsFile,
  type DetectorSource,
  type ResolveId,
} from './detector-source.js';
import type { DetectorInfo, DetectorOptions, DetectorParts } from './detector-types.js';
import { Preparer } from './input.js';
import { parseVitConfig, type VitConfig } from './vit-config.js';

/** Files of a hub repository that a detector is made of. */
const HUB_FILES = [
  'config.json',
  'model.safetensors',
  'model.safetensors.index.json',
  'model-*.safetensors',
  'detector.json',
  'adapter_config.json',
  'adapter_model.safetensors',
];

function idResolver({ onDownload: onProgress }: DetectorOptions): ResolveId {
  return (id, signal) => {
    const [name, revision] = id.split('@') as [string, string?];
    return resolveModel(name, {
      files: [],
      optionalFiles: HUB_FILES,
      revision,
      signal,
      onProgress,
    });
  };
}

async function readJson(path: string, where: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new DeepcodeError('ERR_CONFIG', `${where} is not valid JSON.`, { cause: error });
    }
    const { code } = error as NodeJS.ErrnoException;
    throw new DeepcodeError(
      'ERR_IO',
      `${where} cannot be read: ${code === 'ENOENT' ? 'there is no such file' : code}.`,
      { cause: error },
    );
  }
}

/** A foreign classifier says what its logits mean; ours are [real, fake]. */
function checkLabels(config: unknown, where: string): void {
  const { label_names: own, pretrained_cfg: pretrained } = config as Record<string, unknown>;
  const names = own ?? (pretrained as Record<string, unknown> | undefined)?.['label_names'];
  if (!Array.isArray(names)) return;
  if (names.map((name) => String(name).toLowerCase()).join() === 'real,fake') return;
  throw new DeepcodeError(
    'ERR_CONFIG',
    `${where}: its labels are ${JSON.stringify(names).slice(0, 80)}, but a detector's are real, fake.`,
  );
}

/** Everything that the files say, before anything is loaded. */
interface Description {
  vit: VitConfig;
  detector: DetectorJson;
  adapter: { config: AdapterConfig; where: string } | undefined;
}

async function readAdapter(folder: string | undefined): Promise<Description['adapter']> {
  if (folder === undefined) return undefined;
  const where = join(basename(folder), 'adapter_config.json');
  return {
    config: parseAdapterConfig(await readJson(join(folder, 'adapter_config.json'), where), where),
    where,
  };
}

async function describe(source: DetectorSource): Promise<Description> {
  const where = join(basename(source.model), 'config.json');
  const config = await readJson(join(source.model, 'config.json'), where);
  const adapter = await readAdapter(source.adapter);
  const stored =
    (source.adapter === undefined ? undefined : await readDetectorJson(source.adapter)) ??
    (await readDetectorJson(source.model));
  const newHead = adapter?.config.modulesToSave.includes('head') === true;
  const size = stored?.preprocessing.inputSize;
  const vit = parseVitConfig(config, where, {
    ...(size && { imageSize: [size[1], size[2]] as const }),
    ...(newHead && { numClasses: 2 }),
  });
  const detector = stored ?? defaultDetectorJson(vit.preprocessing);
  if (!newHead && detector.head === 'new') checkTwoClasses(vit, config, where);
  return { vit, detector, adapter };
}

function checkTwoClasses(vit: VitConfig, config: unknown, where: string): void {
  const { numClasses } = vit.options;
  if (numClasses !== 2) {
    throw new DeepcodeError(
      'ERR_CONFIG',
      `${where}: ${numClasses} classes, but a detector has 2. Train one from this model: deepcode train.`,
    );
  }
  checkLabels(config, where);
}

function lossOf({ scl, training }: DetectorJson): DetectorInfo['trainedWith'] {
  if (scl !== null) return 'scl';
  return training.loss === 'ce' ? 'ce' : null;
}

function preprocessingOf({ detector }: Description): Preprocessing {
  const { interpolation, ...geometry } = detector.preprocessing;
  if (geometry.inputSize[0] !== 3) {
    throw new DeepcodeError(
      'ERR_CONFIG',
      `Expected a model of 3 channels but this one takes ${geometry.inputSize[0]}.`,
    );
  }
  if (interpolation === 'nearest') {
    throw new DeepcodeError(
      'ERR_CONFIG',
      'The interpolation nearest is not supported. Use bicubic, bilinear, lanczos or box.',
    );
  }
  return { ...geometry, interpolation };
}

type Arithmetic = Pick<NativeDetectorSpec, 'device' | 'dtype' | 'batchSize'>;

async function toSpec(
  source: DetectorSource,
  description: Description,
  arithmetic: Arithmetic,
): Promise<NativeDetectorSpec> {
  const { vit, detector, adapter } = description;
  const { mean, std } = detector.preprocessing;
  const adapters = adapter
    ? [
        {
          ...resolveAdapter(adapter.config, vit.options, adapter.where),
          weights: join(source.adapter!, 'adapter_model.safetensors'),
        },
      ]
    : [];
  return {
    vit: vit.options,
    weights: await weightsFile(source.model),
    adapters,
    numLogits: 2,
    mean,
    std,
    ...arithmetic,
  };
}

/** Arguments are checked by the caller. */
export async function loadDetectorParts(
  model: string | undefined,
  options: DetectorOptions,
): Promise<DetectorParts> {
  const { signal } = options;
  const { batchSize } = resolveOptions(DETECTOR_OPTIONS, options);
  const source = await locateDetector(model, options.adapter, idResolver(options), signal);
  const description = await describe(source);
  const preprocessing = preprocessingOf(description);
  const { device, dtype } = resolveRuntime(options);
  const spec = await toSpec(source, description, { device, dtype, batchSize });
  const network = await callNative(signal, (addon, token) => addon.detectorLoad(spec, token));
  const { detector, vit } = description;
  const preparer = new Preparer(preprocessing);
  return {
    network,
    prepare: (input, use) => preparer.prepare(input, use),
    patchSize: { height: vit.options.patchHeight, width: vit.options.patchWidth },
    unsureBand: detector.unsure,
    batchSize,
    info: {
      ...source,
      parameters: network.parameterCount,
      labels: detector.labels,
      inputSize: preprocessing.inputSize,
      device,
      dtype,
      temperature: detector.temperature,
      threshold: detector.threshold,
      terms: detector.weightsTerms,
      trainedWith: lossOf(detector),
      trainedOn: detector.data,
    },
  };
}
