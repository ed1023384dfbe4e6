/** Options of generation: the one place of their defaults and ranges, for the library and the command line. */
import { invalidArgument, outOfRange } from '../errors.js';
import { choice, flag, integer, real, text, type Resolved } from '../options.js';
import { SCHEDULER_NAMES, TIMESTEP_SPACINGS } from './schedulers.js';

/** Longer prompts are refused: the text encoder reads 77 tokens. In UTF-16 code units. */
export const MAX_PROMPT_LENGTH = 16_384;

/** Width and height are multiples of this. */
export const SIZE_STEP = 8;

const MAX_SIDE = 4096;

export const LOAD_OPTIONS = {
  variant: text({ placeholder: 'NAME', help: 'weights of a variant, for example fp16 (default: the plain ones)' }),
  config: text({
    placeholder: 'DIR',
    help: 'for a single file: folder with its tokenizer and configs (default: beside the file, else the published ones)',
  }),
  safetyChecker: flag({ default: true, help: 'leave out the safety checker that the model comes with' }),
  cudaGraphs: flag({ default: true, help: 'on CUDA, launch the kernels of a step one by one instead of as a recorded graph' }),
} as const;

const side = (placeholder: string) =>
  integer({ min: SIZE_STEP, max: MAX_SIDE, placeholder, help: "pixels, a multiple of 8; default: the model's, or the image's" });

export const GENERATE_OPTIONS = {
  negativePrompt: text({ default: '', placeholder: 'N', help: 'what the image should not show' }),
  strength: real({ default: 0.8, min: 0, max: 1, help: 'with --image: how much of it is drawn anew; 1 is all' }),
  steps: integer({ default: 50, min: 1, max: 1000, help: 'denoising steps; 25 do for dpm++2m, 4 to 8 for an LCM model with lcm' }),
  guidanceScale: real({
    flag: 'guidance', default: 7.5, min: 0, max: 100, help: 'how closely the prompt is followed; at most 1: no guidance, twice as fast',
  }),
  guidanceRescale: real({ default: 0, min: 0, max: 1, help: 'against overexposure, for models of v-prediction: 0.7' }),
  scheduler: choice({ choices: ['model', ...SCHEDULER_NAMES], default: 'model', help: "sampler; model is the model's own" }),
  spacing: choice({
    choices: ['model', ...TIMESTEP_SPACINGS], default: 'model', help: 'where the steps are; model is what its files say',
  }),
  eta: real({ default: 0, min: 0, max: 1, help: 'noise that ddim adds: 0 none, 1 as much as DDPM' }),
  width: side('W'),
  height: side('H'),
  seed: integer({
    min: 0, max: Number.MAX_SAFE_INTEGER, placeholder: 'S', help: 'of the first image; image k has seed + k; default: a new one',
  }),
  count: integer({ default: 1, min: 1, max: 1000, help: 'images to draw' }),
  batchSize: integer({
    default: 1, min: 1, max: 64, help: 'images drawn at a time; more is faster on CUDA, takes memory and may change last bits',
  }),
  vaeTiling: choice({
    choices: ['auto', 'on', 'off'], default: 'auto', help: 'decode in overlapping tiles, which saves memory; auto: over a megapixel',
  }),
} as const;

export type ResolvedGenerateOptions = Resolved<typeof GENERATE_OPTIONS>;

/** Of pixels: from here on `auto` cuts the image into tiles. */
const TILING_PIXELS = 1024 * 1024;

export function usesTiling({ vaeTiling }: ResolvedGenerateOptions, width: number, height: number): boolean {
  return vaeTiling === 'auto' ? width * height > TILING_PIXELS : vaeTiling === 'on';
}

/** @throws TypeError for what is no text or is empty, RangeError for one that is too long */
export function checkPrompt(name: string, prompt: unknown, mayBeEmpty: boolean): string {
  if (typeof prompt !== 'string' || (!mayBeEmpty && prompt.trim() === '')) {
    throw invalidArgument(name, mayBeEmpty ? 'a text' : 'a text that is not empty', prompt);
  }
  if (prompt.length > MAX_PROMPT_LENGTH) {
    throw outOfRange(`the length of ${name}`, `at most ${MAX_PROMPT_LENGTH} characters`, prompt.length);
  }
  return prompt;
}

/** What no single option's range says. @throws TypeError, RangeError */
export function checkGenerateOptions(options: ResolvedGenerateOptions, hasImage: boolean): void {
  checkPrompt('negativePrompt', options.negativePrompt, true);
  for (const name of ['width', 'height'] as const) {
    const value = options[name];
    if (value !== undefined && value % SIZE_STEP !== 0) throw outOfRange(name, `a multiple of ${SIZE_STEP}`, value);
  }
  const { seed, count, strength, steps } = options;
  const lastSeed = Number.MAX_SAFE_INTEGER - (count - 1);
  if (seed !== undefined && seed > lastSeed) throw outOfRange('seed', `at most ${lastSeed} for ${count} images`, seed);
  if (hasImage && Math.floor(steps * strength) < 1) {
    throw outOfRange('strength', `at least ${1 / steps} for ${steps} steps`, strength);
  }
}
