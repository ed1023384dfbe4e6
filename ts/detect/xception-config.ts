/**
 * From a config.json to the options of an Xception: timm's (`legacy_xception`, also under its old name `xception`), and
 * this package's `fair_xception`, the disentangled detector of Lin et al. 2024, whose `model_args` are listed below.
 */
import { DeepcodeError } from '../errors.js';
import type { NativeDetectorNetwork } from '../native/detector.js';
import type { NativeFairDetectorOptions, NativeXceptionOptions } from '../native/fair-detector.js';
import type { DetectorPreprocessing } from './detector-json.js';
import { Fields } from './json-fields.js';
import { isObject, MAX_SIDE, mergeArguments, pair, preprocessingOf, type JsonObject } from './timm-config.js';

export const FAIR_ARCHITECTURE = 'fair_xception';
const PLAIN_ARCHITECTURES: readonly string[] = ['legacy_xception', 'xception'];

/** Every architecture of this file. */
export const XCEPTION_ARCHITECTURES: readonly string[] = [...PLAIN_ARCHITECTURES, FAIR_ARCHITECTURE];

export interface XceptionConfig {
  architecture: string;
  network: Exclude<NativeDetectorNetwork, { kind: 'vit' }>;
  numClasses: number;
  preprocessing: DetectorPreprocessing;
}

export interface XceptionConfigOverrides {
  /** Height and width in pixels. Default: what the config says. */
  imageSize?: readonly [number, number] | undefined;
}

const MAX_CLASSES = 1_000_000;
const MAX_GROUPS = 10_000;
const MAX_NETWORK_WIDTH = 4;
/** The network's reduction, and the smallest picture that leaves it maps of 2 x 2. */
const REDUCTION = 32;
const MIN_FAIR_SIDE = 64;
const HALF = [0.5, 0.5, 0.5] as const;

/** timm's arguments, and the width. */
const PLAIN_DEFAULTS: JsonObject = { num_classes: 1000, in_chans: 3, img_size: [299, 299], global_pool: 'avg', width: 1 };

/** As Lin et al. train it: six classes of forgery (real and five methods), eight groups. */
const FAIR_DEFAULTS: JsonObject = {
  num_classes: 2,
  in_chans: 3,
  img_size: [256, 256],
  specific_classes: 6,
  groups: 8,
  width: 1,
  head_dropout: 0.2,
  decoder_dropout: 0.3,
};

function widthOf(args: Fields): number {
  const width = args.number('width', { min: 0, max: MAX_NETWORK_WIDTH });
  if (width > 0) return width;
  throw args.refuse('width', 'a number above 0');
}

const channels = (args: Fields): number => args.number('in_chans', { min: 1, max: 1024, integer: true });

function plainNetwork(args: Fields): XceptionConfig['network'] {
  const [imageHeight, imageWidth] = pair(args, 'img_size');
  if (Math.min(imageHeight, imageWidth) < REDUCTION) throw args.refuse('img_size', `at least ${REDUCTION} pixels a side`);
  args.choice('global_pool', ['avg']);
  const xception: NativeXceptionOptions = {
    inChannels: channels(args),
    numClasses: args.number('num_classes', { min: 1, max: MAX_CLASSES, integer: true }),
    adjustChannels: 0,
    width: widthOf(args),
  };
  return { kind: 'xception', xception, imageHeight, imageWidth };
}

function fairNetwork(args: Fields): XceptionConfig['network'] {
  const [imageHeight, imageWidth] = pair(args, 'img_size');
  if ([imageHeight, imageWidth].some((side) => side % REDUCTION !== 0 || side < MIN_FAIR_SIDE)) {
    throw args.refuse('img_size', `multiples of ${REDUCTION} from ${MIN_FAIR_SIDE} to ${MAX_SIDE}`);
  }
  const specificClasses = args.number('specific_classes', { min: 0, max: MAX_GROUPS, integer: true });
  if (specificClasses === 1) throw args.refuse('specific_classes', '0 or at least 2');
  const dropout = (name: string): number => {
    const rate = args.number(name, { min: 0, max: 1 });
    if (rate < 1) return rate;
    throw args.refuse(name, 'a number below 1');
  };
  const fair: NativeFairDetectorOptions = {
    inChannels: channels(args),
    imageHeight,
    imageWidth,
    specificClasses,
    groups: args.number('groups', { min: 2, max: MAX_GROUPS, integer: true }),
    width: widthOf(args),
    headDropout: dropout('head_dropout'),
    decoderDropout: dropout('decoder_dropout'),
  };
  return { kind: 'fair', fair };
}

/** As timm and the authors prepare pictures: a crop of 0.8975, or the whole picture squeezed into a square. */
function defaultPreprocessing(network: XceptionConfig['network']): DetectorPreprocessing {
  const scaling = { mean: HALF, std: HALF };
  if (network.kind === 'fair') {
    const { inChannels, imageHeight, imageWidth } = network.fair;
    const inputSize = [inChannels, imageHeight, imageWidth] as const;
    return { inputSize, interpolation: 'bilinear', cropPct: 1, cropMode: 'squash', ...scaling };
  }
  const inputSize = [network.xception.inChannels, network.imageHeight, network.imageWidth] as const;
  return { inputSize, interpolation: 'bicubic', cropPct: 0.8975, cropMode: 'center', ...scaling };
}

/** The architecture of a config without the name of its weights ("legacy_xception.tf_in1k"). */
function architectureOf(config: unknown): string | undefined {
  const name = isObject(config) ? config['architecture'] : undefined;
  return typeof name === 'string' ? name.split('.')[0] : undefined;
}

/** Whether this file reads the config. */
export function isXceptionConfig(config: unknown): boolean {
  return XCEPTION_ARCHITECTURES.includes(architectureOf(config) ?? '');
}

/**
 * Reads a config.json for which {@link isXceptionConfig} holds.
 *
 * @param where the file's name, for messages
 * @throws DeepcodeError ERR_CONFIG for a setting that this package does not compute
 */
export function parseXceptionConfig(
  config: unknown,
  where: string,
  overrides: XceptionConfigOverrides = {},
): XceptionConfig {
  const architecture = architectureOf(config);
  if (!isObject(config) || architecture === undefined || !XCEPTION_ARCHITECTURES.includes(architecture)) {
    throw new DeepcodeError('ERR_CONFIG', `${where}: expected one of ${XCEPTION_ARCHITECTURES.join(', ')} for architecture.`);
  }
  const fair = architecture === FAIR_ARCHITECTURE;
  const merged = mergeArguments(config, fair ? FAIR_DEFAULTS : PLAIN_DEFAULTS, { img_size: overrides.imageSize });
  const args = new Fields(merged, where);
  const network = fair ? fairNetwork(args) : plainNetwork(args);
  if (fair && args.raw('num_classes') !== 2) throw args.refuse('num_classes', '2');
  const numClasses = network.kind === 'fair' ? 2 : network.xception.numClasses;
  return { architecture, network, numClasses, preprocessing: preprocessingOf(config, defaultPreprocessing(network)) };
}

/** The config.json of a disentangled detector: what {@link parseXceptionConfig} reads back. */
export function fairConfigJson(fair: NativeFairDetectorOptions, preprocessing: DetectorPreprocessing): JsonObject {
  const { interpolation, cropPct, cropMode, mean, std } = preprocessing;
  return {
    architecture: FAIR_ARCHITECTURE,
    num_classes: 2,
    model_args: {
      in_chans: fair.inChannels,
      img_size: [fair.imageHeight, fair.imageWidth],
      specific_classes: fair.specificClasses,
      groups: fair.groups,
      width: fair.width,
      head_dropout: fair.headDropout,
      decoder_dropout: fair.decoderDropout,
    },
    pretrained_cfg: {
      input_size: [fair.inChannels, fair.imageHeight, fair.imageWidth],
      interpolation,
      crop_pct: cropPct,
      crop_mode: cropMode,
      mean,
      std,
      num_classes: 2,
      label_names: ['real', 'fake'],
    },
  };
}
