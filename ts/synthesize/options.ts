/** Options of a synthesis: the one place of their defaults and ranges, for the library and the command line. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkSignalOption } from '../abortable.js';
import { invalidArgument } from '../errors.js';
import { FACE_OPTIONS } from '../faces/options.js';
import { CALIBRATION_OPTIONS } from '../generate/gram/calibration.js';
import { parseLayers } from '../generate/gram/layers.js';
import { GRAM_OPTIONS } from '../generate/gram/options.js';
import { checkGenerateOptions, GENERATE_OPTIONS, LOAD_OPTIONS } from '../generate/options.js';
import { buildPrompt } from '../generate/prompt/prompt.js';
import type { DownloadProgress } from '../hub/index.js';
import { integer, resolveOptions, text, type Given, type Resolved } from '../options.js';
import { checkRuntimeOptions, type RuntimeOptions } from '../runtime.js';
import type { SynthesisRecord } from './record.js';

/** What may be read of a face and told in a prompt. */
export const FACE_TRAITS = ['age', 'gender', 'race', 'emotion'] as const;
export type FaceTrait = (typeof FACE_TRAITS)[number];

/** Set by the synthesis itself, or of no use to it. */
const { strength: _strength, count: _count, batchSize: _batchSize, seed: _seed, ...DRAWING } = GENERATE_OPTIONS;

export const SYNTHESIZE_OPTIONS = {
  attempts: integer({ default: 3, min: 1, max: 100, help: 'images that are drawn of a photo at most; the nearest to it is kept' }),
  threshold: text({
    default: 'auto',
    placeholder: 'T',
    help: 'Gram distance up to which an image is accepted; auto: calibrated once on the photos',
  }),
  captionModel: text({ placeholder: 'DIR|ID', help: 'captioner, as for deepcode caption; without one, prompts have no caption' }),
  attributes: text({
    default: FACE_TRAITS.join(),
    placeholder: 'LIST',
    help: 'what prompts tell of the largest face, or none: then no face is looked for',
  }),
  attributeModels: text({
    placeholder: 'DIR',
    help: 'folder of the networks that read faces (default: that of `deepcode pull attributes`, fetched when missing)',
  }),
  deepface: text({ placeholder: 'DIR', help: "folder of DeepFace's own networks, as for deepcode attributes; they then read the faces" }),
  minScore: FACE_OPTIONS.minScore,
  template: text({ placeholder: 'TEXT', help: "prompt with {caption} {gender} {age} {race} {emotion} (default: the paper's)" }),
  vgg: text({
    placeholder: 'FILE',
    help: "torchvision's VGG-19 as .safetensors (default: random weights of a fixed seed, whose distances say less)",
  }),
  gramLayers: GRAM_OPTIONS.layers,
  gramDistance: GRAM_OPTIONS.distance,
  gramFeatures: GRAM_OPTIONS.features,
  gramUnnormalized: GRAM_OPTIONS.unnormalized,
  gramSize: GRAM_OPTIONS.size,
  quantile: CALIBRATION_OPTIONS.quantile,
  calibrationSamples: { ...CALIBRATION_OPTIONS.samples, help: 'photos that the threshold auto is calibrated on' },
  ...DRAWING,
  seed: integer({
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    placeholder: 'S',
    help: "of the run, from which that of each image is derived; default: a new one, or the interrupted run's",
  }),
  ...LOAD_OPTIONS,
} as const;

export type ResolvedSynthesizeOptions = Resolved<typeof SYNTHESIZE_OPTIONS>;

/** How far a synthesis is. */
export interface SynthesisProgress {
  /** `read`: photos are read; `calibrate`: the threshold is found; `draw`: images are drawn. */
  phase: 'read' | 'calibrate' | 'draw';
  /** Photos of this phase that are done, failed ones included. */
  done: number;
  total: number;
  /** While drawing: which image of the photo, from 1, and the network calls made for it. */
  attempt?: number;
  step?: number;
  steps?: number;
  /** To the end of the phase, at the pace so far; undefined until there is one. */
  secondsLeft: number | undefined;
}

/** `dtype` is that of Stable Diffusion; faces, captions and distances are computed in fp32. */
export type SynthesizeOptions = Omit<Given<typeof SYNTHESIZE_OPTIONS>, 'threshold'> &
  RuntimeOptions & {
    /** Folder of real photos, searched to any depth. */
    photos: string;
    /** Of Stable Diffusion: a folder in diffusers' layout, a single file or a hub id. */
    model: string;
    /** Folder for the data set; one that holds an interrupted run with the same options is continued. */
    out: string;
    /** Gram distance up to which an image is accepted, at least 0; default 'auto'. */
    threshold?: number | string | undefined;
    signal?: AbortSignal | undefined;
    onProgress?: ((progress: SynthesisProgress) => void) | undefined;
    /** Called for each photo that is finished or has failed. */
    onRecord?: ((record: SynthesisRecord) => void) | undefined;
    /** Called with what a user should know: random weights, what was resumed. */
    onNote?: ((message: string) => void) | undefined;
    /** Called as bytes of models arrive. */
    onDownload?: ((progress: DownloadProgress) => void) | undefined;
  };

/** 'auto', or the number. */
export function parseThreshold(given: number | string | undefined): number | 'auto' {
  if (given === undefined || given === 'auto') return 'auto';
  const value = typeof given === 'string' && given.trim() === '' ? NaN : Number(given);
  if (Number.isFinite(value) && value >= 0) return value;
  throw invalidArgument('threshold', 'auto or a number of at least 0', given);
}

/** Reads 'age,emotion' or 'none'. @throws TypeError for what is no trait, or there twice */
export function parseTraits(given: string): readonly FaceTrait[] {
  if (given.trim() === 'none') return [];
  const traits = given.split(',').map((trait) => trait.trim());
  const fits = traits.every((trait, i) => (FACE_TRAITS as readonly string[]).includes(trait) && traits.indexOf(trait) === i);
  if (fits) return FACE_TRAITS.filter((trait) => traits.includes(trait));
  throw invalidArgument('attributes', `none, or some of ${FACE_TRAITS.join(',')}`, given);
}

function checkPath(name: string, value: unknown): void {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) throw invalidArgument(name, 'a path', value);
}

function checkCallback(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') throw invalidArgument(name, 'a function', value);
}

/** A hub id stays one; the path of a file or folder is stored in full, so that a run can be continued from elsewhere. */
const fullPath = (path: string): string => (existsSync(path) ? resolve(path) : path);

/** Everything that makes a run the run that it is, in one notation. */
export type SynthesisSettings = Omit<ResolvedSynthesizeOptions, 'seed'> & { readonly model: string; readonly seed: number | undefined };

/** @throws TypeError, RangeError */
export function checkSynthesizeOptions(options: SynthesizeOptions): SynthesisSettings {
  if (typeof options !== 'object' || options === null) throw invalidArgument('options', 'an object', options);
  for (const name of ['photos', 'model', 'out'] as const) checkPath(name, options[name]);
  const threshold = String(parseThreshold(options.threshold));
  const resolved = resolveOptions(SYNTHESIZE_OPTIONS, { ...options, threshold });
  checkRuntimeOptions(options);
  checkGenerateOptions({ ...resolveOptions(GENERATE_OPTIONS, {}), ...resolved }, false);
  parseLayers(resolved.gramLayers);
  buildPrompt({}, resolved.template === undefined ? {} : { template: resolved.template });
  checkSignalOption(options.signal);
  for (const name of ['onProgress', 'onRecord', 'onNote', 'onDownload'] as const) checkCallback(name, options[name]);
  const { captionModel, attributeModels, deepface, vgg } = resolved;
  return {
    ...resolved,
    attributes: parseTraits(resolved.attributes).join() || 'none',
    model: fullPath(options.model),
    captionModel: captionModel && fullPath(captionModel),
    attributeModels: attributeModels && resolve(attributeModels),
    deepface: deepface && resolve(deepface),
    vgg: vgg && resolve(vgg),
  };
}
