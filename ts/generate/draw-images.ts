/** The work of one generation: everything is checked and prepared, then batch after batch is drawn. */
import { abortable } from '../abortable.js';
import { isImageStream } from '../data/image-streams.js';
import type { RgbImage } from '../data/rgb-image.js';
import { outOfRange } from '../errors.js';
import { callNative } from '../native.js';
import type { NativeGenerateRequest, NativeGenerated } from '../native/text-to-image.js';
import type { TensorData } from '../weights/tensor-data.js';
import { generatedImage } from './generated-image.js';
import { latentsOf, latentValues, sliceLatents, type LatentShape } from './latents.js';
import { usesTiling, type ResolvedGenerateOptions } from './options.js';
import { startImage, type SourceImage } from './source-image.js';
import { StepClock } from './step-clock.js';
import type { ModelOutline, TextToImageParts, Tokenized } from './text-to-image-parts.js';
import type { GeneratedImage, GenerationStep } from './types.js';

/** Checked options of one generation. */
export interface DrawPlan extends ResolvedGenerateOptions {
  prompt: string;
  seed: number;
  image: SourceImage | undefined;
  latents: TensorData | undefined;
  preview: boolean;
  onWarning: ((message: string) => void) | undefined;
  signal: AbortSignal | undefined;
}

/** What all batches share. */
interface Prepared {
  plan: DrawPlan;
  width: number;
  height: number;
  shape: LatentShape;
  prompt: readonly number[];
  negativePrompt: readonly number[];
  scheduler: NativeGenerateRequest['scheduler'];
  start: RgbImage | undefined;
}

interface Batch {
  number: number;
  /** The first image, from 0, and the one after the last. */
  first: number;
  end: number;
}

const isGuided = ({ guidanceScale }: DrawPlan): boolean => guidanceScale > 1;

function warnOfTruncation(name: string, { truncated, limit }: Tokenized, plan: DrawPlan): void {
  if (truncated === '') return;
  const shown = truncated.length > 80 ? `${truncated.slice(0, 80)}…` : truncated;
  plan.onWarning?.(`The ${name} is longer than ${limit} tokens; the end is not seen: ${shown}`);
}

function tokensOf(parts: ModelOutline, plan: DrawPlan): Pick<Prepared, 'prompt' | 'negativePrompt'> {
  const prompt = parts.tokenize(plan.prompt);
  warnOfTruncation('prompt', prompt, plan);
  if (!isGuided(plan)) return { prompt: prompt.ids, negativePrompt: [] };
  const negative = parts.tokenize(plan.negativePrompt);
  warnOfTruncation('negative prompt', negative, plan);
  return { prompt: prompt.ids, negativePrompt: negative.ids };
}

/** What was asked for, else the start image's size, else that of the latents, else the model's. */
function sizeOf({ defaultSize, downsampling }: ModelOutline, plan: DrawPlan, start: RgbImage | undefined): { width: number; height: number } {
  const [, , rows, columns] = plan.latents?.shape ?? [];
  const given = { width: columns && columns * downsampling, height: rows && rows * downsampling };
  const size = {
    width: plan.width ?? start?.width ?? given.width ?? defaultSize,
    height: plan.height ?? start?.height ?? given.height ?? defaultSize,
  };
  for (const name of ['width', 'height'] as const) {
    if (size[name] % downsampling !== 0) throw outOfRange(name, `a multiple of ${downsampling} for this model`, size[name]);
  }
  return size;
}

async function prepare(parts: ModelOutline, plan: DrawPlan): Promise<Prepared> {
  const scheduler = parts.schedulerFor(plan);
  const start =
    plan.image === undefined ? undefined : await abortable(startImage(plan.image, plan, plan.signal), plan.signal);
  const { width, height } = sizeOf(parts, plan, start);
  const { downsampling, latentChannels: channels } = parts;
  const shape = { channels, height: height / downsampling, width: width / downsampling };
  if (plan.latents) latentValues(plan.latents, plan.count, shape);
  return { plan, width, height, shape, scheduler, start, ...tokensOf(parts, plan) };
}

function requestFor({ plan, shape, start, ...prepared }: Prepared, { first, end }: Batch): NativeGenerateRequest {
  const count = end - first;
  const given = plan.latents && sliceLatents(plan.latents, first, end);
  return {
    prompt: prepared.prompt,
    negativePrompt: prepared.negativePrompt,
    guidanceScale: plan.guidanceScale,
    guidanceRescale: plan.guidanceRescale,
    scheduler: prepared.scheduler,
    steps: plan.steps,
    height: prepared.height,
    width: prepared.width,
    seeds: Array.from({ length: count }, (_, k) => plan.seed + first + k),
    latents: given ? latentValues(given, count, shape) : null,
    latentCount: given?.shape[0] ?? 0,
    image: start ? { pixels: start.data, strength: plan.strength } : null,
    tiling: usesTiling(plan, prepared.width, prepared.height),
    preview: plan.preview,
  };
}

/** Pictures that lie one after the other. */
function pictures(bytes: Uint8Array, width: number, height: number): RgbImage[] {
  const size = width * height * 3;
  return Array.from({ length: bytes.length / size }, (_, i) => ({ width, height, data: bytes.slice(i * size, (i + 1) * size) }));
}

async function finishBatch(parts: TextToImageParts, prepared: Prepared, batch: Batch, result: NativeGenerated): Promise<GeneratedImage[]> {
  const { plan, width, height, shape } = prepared;
  const images: GeneratedImage[] = [];
  for (const [k, image] of pictures(result.images, width, height).entries()) {
    const flagged = (await parts.safety?.isFlagged(image, plan.signal)) ?? false;
    const parameters = {
      ...plan, width, height, flagged,
      seed: plan.seed + batch.first + k,
      scheduler: plan.scheduler === 'model' ? parts.info.scheduler : plan.scheduler,
      strength: plan.image ? plan.strength : undefined,
      model: parts.name,
      loras: parts.loras,
      givenLatents: plan.latents !== undefined,
    }; // prettier-ignore
    images.push(generatedImage({ image, flagged, latents: latentsOf(result.latents, k, shape), parameters }));
  }
  return images;
}

function batchesOf({ count, batchSize }: DrawPlan): Batch[] {
  return Array.from({ length: Math.ceil(count / batchSize) }, (_, number) => ({
    number,
    first: number * batchSize,
    end: Math.min(count, (number + 1) * batchSize),
  }));
}

/**
 * Rejects as drawing would, for what a model's configs already say: before its weights are loaded. A stream is left
 * for the drawing, as it can be read only once.
 */
export async function foreseeDrawing(outline: ModelOutline, plan: DrawPlan): Promise<void> {
  const image = isImageStream(plan.image) ? undefined : plan.image;
  const { scheduler } = await prepare(outline, { ...plan, image, onWarning: undefined });
  const native = await callNative(plan.signal, (addon) => addon.makeScheduler(scheduler));
  try {
    await callNative(plan.signal, () => native.setTimesteps(plan.steps));
  } finally {
    native.dispose();
  }
}

/** Rejects with what TextToImage.generate promises. */
export async function drawImages(
  parts: TextToImageParts,
  plan: DrawPlan,
  onStep: (step: GenerationStep) => void,
): Promise<GeneratedImage[]> {
  const prepared = await prepare(parts, plan);
  const batches = batchesOf(plan);
  const clock = new StepClock(batches.length);
  const images: GeneratedImage[] = [];
  for (const batch of batches) {
    const listener = (step: number, total: number, preview: Uint8Array | undefined): void =>
      onStep({
        ...clock.tick(batch.number, step, total),
        image: batch.first,
        ...(preview && { preview: pictures(preview, prepared.shape.width, prepared.shape.height) }),
      });
    const request = requestFor(prepared, batch);
    const result = await callNative(plan.signal, (_, token) => parts.network.generate(request, listener, token));
    images.push(...(await finishBatch(parts, prepared, batch, result)));
  }
  return images;
}
