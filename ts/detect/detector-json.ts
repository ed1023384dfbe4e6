/**
 * detector.json: what a detector needs besides weights — how an image is prepared, what its two logits
 * mean, how they become P(fake), and which score is called fake. It lies beside the weights it describes:
 * in a run folder, in an exported adapter folder and in a merged model folder. Keys are snake_case, as in
 * the config.json next to it; unknown keys are kept and written back.
 */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DeepcodeError } from '../errors.js';
import { Fields } from './json-fields.js';

export const DETECTOR_FILE = 'detector.json';
/** The format's version; a reader refuses a newer one. */
export const DETECTOR_VERSION = 1;

const MAX_BYTES = 4 << 20;
const INTERPOLATIONS = ['bicubic', 'bilinear', 'lanczos', 'box', 'nearest'] as const;
const CROP_MODES = ['center', 'squash', 'border'] as const;
/** Test-time augmentation; flip: logits are means over an image and its mirror image. */
export const TTA_MODES = ['none', 'flip'] as const;
export type Tta = (typeof TTA_MODES)[number];

/** Preprocessing with the meaning of timm's pretrained_cfg. */
export interface DetectorPreprocessing {
  /** Channels, height, width in pixels. */
  inputSize: readonly [number, number, number];
  interpolation: (typeof INTERPOLATIONS)[number];
  /** The shortest side is resized to size / cropPct before the crop; above 0, at most 1. */
  cropPct: number;
  cropMode: (typeof CROP_MODES)[number];
  /** Per channel, of values from 0 to 1. */
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
}

/** Single-Center Loss as it was used in training (equations: native/losses/single_center.h). */
export interface DetectorCenter {
  weight: number;
  margin: number;
  distance: 'euclidean' | 'squared';
  /** The margin is multiplied by sqrt(feature dimension), as Li et al. 2021 do. */
  scaledMargin: boolean;
  /** The learnt centre C of real features, one number a feature. */
  center: readonly number[];
}

/** Where the training images came from and on what terms. */
export interface DetectorData {
  name: string;
  real: number;
  fake: number;
  /** The terms as the user or the data set states them; null when not known. */
  terms: string | null;
}

export interface DetectorJson {
  version: number;
  /** Class names by logit index. */
  labels: readonly ['real', 'fake'];
  /** P(fake) = sigmoid((fake - real) / temperature); above 0. */
  temperature: number;
  /** "fake" when P(fake) >= threshold, 0 to 1. */
  threshold: number;
  /** "unsure" when from <= P(fake) < to; empty when equal. Holds the threshold. */
  unsure: { readonly from: number; readonly to: number };
  preprocessing: DetectorPreprocessing;
  /** What temperature and threshold hold for. */
  tta: Tta;
  /** `frozen-imagenet`: the first two logits of the pretrained head are read. */
  head: 'new' | 'frozen-imagenet';
  /** The base model as it was named in training, or null for a folder that needs no base. */
  base: string | null;
  scl: DetectorCenter | null;
  data: readonly DetectorData[];
  /** One sentence on what may be done with the weights, given the data they were trained on. */
  weightsTerms: string;
  /** Free-form summary of the run (options, epochs, metrics). */
  training: Readonly<Record<string, unknown>>;
  /** "deepcode 0.1.0". */
  producer: string;
  /** Keys of the file that this version does not know. */
  other: Readonly<Record<string, unknown>>;
}

const NEUTRAL_BAND = { from: 0.5, to: 0.5 } as const;

/** What holds for a model without detector.json: no calibration, threshold 0.5, nothing unsure. */
export function defaultDetectorJson(preprocessing: DetectorPreprocessing): DetectorJson {
  return {
    version: DETECTOR_VERSION,
    labels: ['real', 'fake'],
    temperature: 1,
    threshold: 0.5,
    unsure: NEUTRAL_BAND,
    preprocessing,
    tta: 'none',
    head: 'new',
    base: null,
    scl: null,
    data: [],
    weightsTerms: 'not stated',
    training: {},
    producer: 'unknown',
    other: {},
  };
}

function parsePreprocessing(fields: Fields): DetectorPreprocessing {
  return {
    inputSize: fields.numbers('input_size', 3, { min: 1, max: 4096, integer: true }),
    interpolation: fields.choice('interpolation', INTERPOLATIONS),
    cropPct: fields.number('crop_pct', { min: 0.01, max: 1 }),
    cropMode: fields.choice('crop_mode', CROP_MODES, 'center'),
    mean: fields.numbers('mean', 3, { min: -10, max: 10 }),
    std: fields.numbers('std', 3, { min: 1e-6, max: 10 }),
  };
}

function parseCenter(fields: Fields): DetectorCenter {
  return {
    weight: fields.number('weight', { min: 0 }),
    margin: fields.number('margin', { min: 0 }),
    distance: fields.choice('distance', ['euclidean', 'squared']),
    scaledMargin: fields.flag('scaled_margin'),
    center: fields.numberList('center'),
  };
}

function parseData(fields: Fields): DetectorData {
  return {
    name: fields.text('name'),
    real: fields.number('real', { min: 0, integer: true }),
    fake: fields.number('fake', { min: 0, integer: true }),
    terms: fields.optionalText('terms'),
  };
}

function parseBand(fields: Fields, threshold: number): DetectorJson['unsure'] {
  const from = fields.number('from', { min: 0, max: threshold });
  return { from, to: fields.number('to', { min: threshold, max: 1 }) };
}

/**
 * Checks a parsed detector.json.
 *
 * @param where the file's name, for messages
 * @throws DeepcodeError ERR_CONFIG naming the field
 */
export function parseDetectorJson(value: unknown, where: string = DETECTOR_FILE): DetectorJson {
  const fields = new Fields(value, where);
  const version = fields.number('version', { min: 1, integer: true });
  if (version > DETECTOR_VERSION) {
    throw new DeepcodeError(
      'ERR_CONFIG',
      `${where} has version ${version}; this deepcode reads up to ${DETECTOR_VERSION}. Update deepcode.`,
    );
  }
  fields.exactly('labels', ['real', 'fake']);
  const threshold = fields.number('threshold', { min: 0, max: 1 });
  const band = fields.optionalObject('unsure');
  const scl = fields.optionalObject('scl');
  return {
    version,
    labels: ['real', 'fake'],
    temperature: fields.number('temperature', { min: 1e-6 }),
    threshold,
    unsure: band ? parseBand(band, threshold) : { from: threshold, to: threshold },
    preprocessing: parsePreprocessing(fields.object('preprocessing')),
    tta: fields.choice('tta', TTA_MODES, 'none'),
    head: fields.choice('head', ['new', 'frozen-imagenet'], 'new'),
    base: fields.optionalText('base'),
    scl: scl ? parseCenter(scl) : null,
    data: fields.objects('data').map(parseData),
    weightsTerms: fields.optionalText('weights_terms') ?? 'not stated',
    training: fields.record('training'),
    producer: fields.optionalText('producer') ?? 'unknown',
    other: fields.rest(),
  };
}

/** The file's content: two-space JSON, ending in a newline. */
export function formatDetectorJson(detector: DetectorJson): string {
  const { preprocessing: p, scl } = detector;
  const file = {
    ...detector.other,
    version: detector.version,
    labels: detector.labels,
    temperature: detector.temperature,
    threshold: detector.threshold,
    unsure: detector.unsure,
    preprocessing: {
      input_size: p.inputSize,
      interpolation: p.interpolation,
      crop_pct: p.cropPct,
      crop_mode: p.cropMode,
      mean: p.mean,
      std: p.std,
    },
    tta: detector.tta,
    head: detector.head,
    base: detector.base,
    scl: scl && {
      weight: scl.weight,
      margin: scl.margin,
      distance: scl.distance,
      scaled_margin: scl.scaledMargin,
      center: scl.center,
    },
    data: detector.data,
    weights_terms: detector.weightsTerms,
    training: detector.training,
    producer: detector.producer,
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/**
 * Reads `folder`/detector.json; undefined when there is none.
 *
 * @throws DeepcodeError ERR_CONFIG for a file that is not valid, ERR_IO for one that cannot be read
 */
export async function readDetectorJson(folder: string): Promise<DetectorJson | undefined> {
  const path = join(folder, DETECTOR_FILE);
  const where = join(basename(dirname(path)), DETECTOR_FILE);
  let content: string;
  try {
    if ((await stat(path)).size > MAX_BYTES) {
      throw new DeepcodeError('ERR_CONFIG', `${where} is larger than 4 MB, so it is no detector.json.`);
    }
    content = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (error instanceof DeepcodeError) throw error;
    throw new DeepcodeError(
      'ERR_IO',
      `${where} could not be read: ${(error as NodeJS.ErrnoException).code}.`,
    );
  }
  try {
    return parseDetectorJson(JSON.parse(content), where);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new DeepcodeError('ERR_CONFIG', `${where} is not valid JSON. Export the detector again.`, {
      cause: error,
    });
  }
}
