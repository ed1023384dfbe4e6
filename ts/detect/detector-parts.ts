/** From a detector's files to a loaded network and what is needed around it. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Preprocessing } from '../data/preprocess.js';
import { DeepcodeError } from '../errors.js';
import { resolveModel } from '../hub/index.js';
import { callNative } from '../native.js';
import type { NativeDetectorNetwork, NativeDetectorSpec } from '../native/detector.js';
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
import { parseVitConfig } from './vit-config.js';
import { isXceptionConfig, parseXceptionConfig } from './xception-config.js';

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
  network: NativeDetectorNetwork;
  detector: DetectorJson;
}

interface Adapter {
  config: AdapterConfig;
  where: string;
}

async function readAdapter(folder: string | undefined): Promise<Adapter | undefined> {
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
  const files = { source, config, where, stored };
  return isXceptionConfig(config) ? describeXception(files) : describeVit(files, adapter);
}

interface DetectorFiles {
  source: DetectorSource;
  config: unknown;
  where: string;
  stored: DetectorJson | undefined;
}

const imageSizeOf = (stored: DetectorJson | undefined) =>
  stored && { imageSize: [stored.preprocessing.inputSize[1], stored.preprocessing.inputSize[2]] as const };

function describeVit({ source, config, where, stored }: DetectorFiles, adapter?: Adapter): Description {
  const newHead = adapter?.config.modulesToSave.includes('head') === true;
  const vit = parseVitConfig(config, where, { ...imageSizeOf(stored), ...(newHead && { numClasses: 2 }) });
  const detector = stored ?? defaultDetectorJson(vit.preprocessing);
  if (!newHead && detector.head === 'new') checkTwoClasses(vit.options.numClasses, config, where);
  const adapters = adapter
    ? [
        {
          ...resolveAdapter(adapter.config, vit.options, adapter.where),
          weights: join(source.adapter!, 'adapter_model.safetensors'),
        },
      ]
    : [];
  return { network: { kind: 'vit', vit: vit.options, adapters }, detector };
}

function describeXception({ source, config, where, stored }: DetectorFiles): Description {
  if (source.adapter !== undefined) {
    throw new DeepcodeError('ERR_CONFIG', `${where}: this network takes no adapter. Leave the adapter out.`);
  }
  const { network, numClasses, preprocessing } = parseXceptionConfig(config, where, imageSizeOf(stored));
  checkTwoClasses(numClasses, config, where);
  return { network, detector: stored ?? defaultDetectorJson(preprocessing) };
}

function checkTwoClasses(numClasses: number, config: unknown, where: string): void {
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

type Arithmetic = Pick<NativeDetectorSpec, 'device' | 'dtype' | 'batchSize' | 'flipAverage'>;

async function toSpec(
  source: DetectorSource,
  description: Description,
  arithmetic: Arithmetic,
): Promise<NativeDetectorSpec> {
  const { network, detector } = description;
  const { mean, std } = detector.preprocessing;
  return {
    network,
    weights: await weightsFile(source.model),
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
  const { batchSize, tta: wanted } = resolveOptions(DETECTOR_OPTIONS, options);
  const source = await locateDetector(model, options.adapter, idResolver(options), signal);
  const description = await describe(source);
  const preprocessing = preprocessingOf(description);
  const { device, dtype } = resolveRuntime(options);
  const { detector } = description;
  const tta = wanted === 'auto' ? detector.tta : wanted;
  const spec = await toSpec(source, description, { device, dtype, batchSize, flipAverage: tta === 'flip' });
  const network = await callNative(signal, (addon, token) => addon.detectorLoad(spec, token));
  const preparer = new Preparer(preprocessing);
  return {
    network,
    prepare: (input, use) => preparer.prepare(input, use),
    unsureBand: detector.unsure,
    batchSize,
    info: {
      ...source,
      parameters: network.parameterCount,
      labels: detector.labels,
      inputSize: preprocessing.inputSize,
      tta,
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
