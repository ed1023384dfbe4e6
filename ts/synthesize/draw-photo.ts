/** Draws a photo's image: prompt, image, Gram distance, and again with the stronger prompt while it is too far away. */
import { DeepcodeError } from '../errors.js';
import type { GramComparer } from '../generate/gram/gram-comparer.js';
import { buildPrompt } from '../generate/prompt/prompt.js';
import type { TextToImage } from '../generate/text-to-image.js';
import type { GeneratedImage, GenerationStep } from '../generate/types.js';
import type { SynthesisConfig } from './config.js';
import { readPhoto } from './photos.js';
import type { ReadPhoto } from './read-photos.js';
import type { SynthesisAttempt } from './record.js';
import { attemptSeed } from './seeds.js';

export interface DrawContext {
  model: TextToImage;
  comparer: GramComparer;
  settings: SynthesisConfig['settings'];
  threshold: number;
  signal: AbortSignal | undefined;
  /** @param attempt from 0 */
  onStep: (attempt: number, step: GenerationStep) => void;
}

export interface DrawnPhoto {
  /** The photo's bytes. */
  real: Uint8Array;
  /** The kept image as a PNG with its marks. */
  fake: Uint8Array;
  attempts: SynthesisAttempt[];
  kept: number;
  distance: number;
}

type Compared = { png: Uint8Array | undefined } & Pick<SynthesisAttempt, 'flagged' | 'distance' | 'layers'>;

function promptOf({ reading }: ReadPhoto, { model, settings }: DrawContext, stronger: boolean) {
  const { template } = settings;
  const tokenizer = { encode: (text: string) => model.inspectPrompt(text) };
  const { text, tokens, shortened, truncated } = buildPrompt(reading.subject, { ...(template && { template }), stronger, tokenizer });
  return { prompt: text, tokens: tokens ?? 0, shortened, truncated };
}

async function compare(image: GeneratedImage, gram: Float32Array, { comparer, signal }: DrawContext): Promise<Compared> {
  if (image.flagged) return { png: undefined, flagged: true, distance: null, layers: [] };
  const png = await image.png();
  const [result] = await comparer.gramDistances(gram, [await comparer.grams(png, { signal })], { signal });
  return { png, flagged: false, ...result! };
}

async function drawAttempt(photo: ReadPhoto, gram: Float32Array, number: number, context: DrawContext) {
  const { model, settings, signal } = context;
  const stronger = number > 0;
  const { prompt, ...lengths } = promptOf(photo, context, stronger);
  const seed = attemptSeed(settings.seed, photo.sha256, number);
  const generation = model.generate({ ...settings, prompt, seed, signal });
  for await (const step of generation) context.onStep(number, step);
  const [image] = await generation;
  const { png, ...compared } = await compare(image!, gram, context);
  const attempt: SynthesisAttempt = { prompt, ...lengths, stronger, seed, ...compared };
  return { attempt, png };
}

/**
 * Draws until an image is within the threshold, or as often as the settings say, and keeps the nearest.
 *
 * Rejects with ERR_IO (photo cannot be read, or changed), ERR_IMAGE (the safety checker blanked every image),
 * ERR_NONFINITE, ERR_CONFIG, ERR_OUT_OF_MEMORY, or AbortError within a step.
 */
export async function drawPhoto(photo: ReadPhoto, context: DrawContext): Promise<DrawnPhoto> {
  const { bytes, sha256 } = await readPhoto(photo.photo, context.signal);
  if (sha256 !== photo.sha256) throw new DeepcodeError('ERR_IO', 'It changed while the run was going. Start the run again.');
  const gram = await context.comparer.grams(bytes, { signal: context.signal });
  const attempts: SynthesisAttempt[] = [];
  let best: Omit<DrawnPhoto, 'real' | 'attempts'> | undefined;
  while (attempts.length < context.settings.attempts && !(best && best.distance <= context.threshold)) {
    const { attempt, png } = await drawAttempt(photo, gram, attempts.length, context);
    const { distance } = attempt;
    if (png && distance !== null && !(best && best.distance <= distance)) best = { fake: png, kept: attempts.length, distance };
    attempts.push(attempt);
  }
  if (best) return { real: bytes, attempts, ...best };
  throw new DeepcodeError('ERR_IMAGE', `The safety checker found unwanted content in each of ${attempts.length} images.`);
}
