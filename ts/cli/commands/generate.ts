/** `deepcode generate`: images from a prompt with Stable Diffusion. */
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { decodeImage } from '../../data/decode.js';
import type { RgbImage } from '../../data/rgb-image.js';
import { readLatentsFile, writeLatentsFile } from '../../generate/latents-file.js';
import { sliceLatents } from '../../generate/latents.js';
import { checkGenerateOptions, checkPrompt, GENERATE_OPTIONS, LOAD_OPTIONS } from '../../generate/options.js';
import { StepClock } from '../../generate/step-clock.js';
import { TextToImage } from '../../generate/text-to-image.js';
import type { GeneratedImage, GenerateOptions, GenerationStep, LoraOption } from '../../generate/types.js';
import { flag, list, text, type Resolved, type RUNTIME_OPTIONS } from '../../options.js';
import { checkRuntimeOptions } from '../../runtime.js';
import type { TensorData } from '../../weights/tensor-data.js';
import { defineCommand, type Program, type Session } from '../define-command.js';
import { downloadText } from '../download-text.js';
import { UsageError } from '../exit-codes.js';
import { checkNewFiles, numberedNames, writeNewFile } from '../new-files.js';
import type { Output } from '../output.js';
import { PreviewFile } from '../preview-file.js';
import { durationText } from '../progress-text.js';

const OPTIONS = {
  model: text({
    placeholder: 'DIR|ID',
    help: "folder in diffusers' layout, single .safetensors file of SD 1.x, or Hugging Face id (owner/name), fetched once",
  }),
  prompt: text({ placeholder: 'P', help: 'what to draw; the first 75 tokens, some 60 words, are read' }),
  ...GENERATE_OPTIONS,
  image: text({ placeholder: 'FILE', help: 'start from this image' }),
  lora: list({ placeholder: 'FILE[:SCALE]', help: 'LoRA file to fold into the model, of diffusers or kohya; scale 1 when none is given' }),
  latents: text({ placeholder: 'IN.safetensors', help: 'first latents, instead of those drawn from the seed' }),
  outputLatents: text({ placeholder: 'OUT.safetensors', help: 'write the latents of all images' }),
  out: text({
    short: 'o',
    default: 'deepcode-{seed}.png',
    placeholder: 'OUT.png',
    help: 'where to write; {seed} and {index} are replaced, and several images are numbered',
  }),
  preview: text({ placeholder: 'FILE.png', help: 'a small picture of the image so far, replaced with every step and removed at the end' }),
  force: flag({ help: 'replace files that exist' }),
  json: flag({ help: 'print one JSON object an image' }),
  ...LOAD_OPTIONS,
} as const;

type Options = Resolved<typeof OPTIONS & typeof RUNTIME_OPTIONS> & { model: string; prompt: string };

/** `face.safetensors:0.7` -> { path, scale }; a name may hold colons of its own. */
export function parseLora(given: string): LoraOption {
  const match = /^(.+):([-+]?(?:\d+\.?\d*|\.\d+))$/.exec(given);
  return match ? { path: match[1]!, scale: Number(match[2]) } : { path: given, scale: 1 };
}

/** What is read and checked before the model is. */
interface Inputs {
  seed: number;
  image: RgbImage | undefined;
  latents: TensorData | undefined;
  paths: readonly string[];
  loras: readonly LoraOption[];
}

/** Seeds that are drawn here are short enough to be typed. */
const RANDOM_SEEDS = 2 ** 32;

function checkOptions(options: Options): void {
  checkPrompt('--prompt', options.prompt, false);
  checkGenerateOptions(options, options.image !== undefined);
  checkRuntimeOptions(options);
  if (options.image !== undefined && options.latents !== undefined) {
    throw new UsageError('--image and --latents exclude each other.');
  }
  // The parameters and the mark of an AI image are written as PNG holds them.
  for (const name of ['out', 'preview'] as const) {
    const given = options[name];
    if (given === undefined || /\.png$/i.test(given)) continue;
    throw new UsageError(`Expected a name that ends in .png for --${name} but received ${given}.`);
  }
}

/** Names of the images; those of all files are free, and each has its own. */
function checkedNames({ out, outputLatents, preview, count, force }: Options, seed: number): string[] {
  const images = numberedNames(out, count, seed);
  if (new Set(images).size < count) throw new UsageError('--out gives two images one name. Use {index} or {seed}.');
  const files = [...images, outputLatents, preview].filter((path) => path !== undefined);
  if (new Set(files.map((path) => resolve(path))).size < files.length) {
    throw new UsageError('Expected names of their own for --out, --output-latents and --preview.');
  }
  checkNewFiles(files, force);
  return images;
}

async function readLatents(path: string, count: number): Promise<TensorData> {
  const latents = await readLatentsFile(path);
  const [found = 0] = latents.shape;
  if (found === 1 || found === count) return latents;
  throw new UsageError(`--latents holds latents of ${found} images, but --count is ${count}. Give those of one, or of each.`);
}

async function readInputs(options: Options, { signal }: Session): Promise<Inputs> {
  checkOptions(options);
  const seed = options.seed ?? randomInt(RANDOM_SEEDS);
  return {
    seed,
    paths: checkedNames(options, seed),
    loras: options.lora.map(parseLora),
    image: options.image === undefined ? undefined : await decodeImage(options.image, { signal }),
    latents: options.latents === undefined ? undefined : await readLatents(options.latents, options.count),
  };
}

async function loadModel(options: Options, { loras, image, latents }: Inputs, { output, signal }: Session): Promise<TextToImage> {
  const { device, dtype, threads, variant, config, safetyChecker, cudaGraphs } = options;
  output.progress('loading the model');
  return TextToImage.load(options.model, {
    device, dtype, threads, variant, config, safetyChecker, cudaGraphs, loras, signal,
    check: { ...options, image, latents, preview: false },
    onDownload: (progress) => output.progress(downloadText(progress)),
  }); // prettier-ignore
}

/** @param secondsLeft for all images */
function stepText({ step, total, image }: GenerationStep, secondsLeft: number, first: number, count: number): string {
  const which = count === 1 ? '' : `image ${first + image + 1}/${count}, `;
  return `${which}step ${step}/${total}, ${durationText(secondsLeft)} left`;
}

/** One batch at a time, so that an image is on the disk as soon as it is done. */
async function* drawBatches(
  model: TextToImage,
  options: Options,
  inputs: Inputs,
  preview: PreviewFile | undefined,
  session: Session,
): AsyncGenerator<GeneratedImage[]> {
  const { count, batchSize, negativePrompt, strength, prompt } = options;
  const warned = new Set<string>();
  const onWarning = (message: string): void => {
    if (!warned.has(message)) session.output.note(`deepcode: ${message}`, 'yellow');
    warned.add(message);
  };
  const clock = new StepClock(Math.ceil(count / batchSize));
  for (let first = 0; first < count; first += batchSize) {
    const end = Math.min(count, first + batchSize);
    const generation = model.generate({
      ...options, negativePrompt, strength, onWarning,
      preview: preview !== undefined,
      seed: inputs.seed + first,
      count: end - first,
      image: inputs.image,
      latents: inputs.latents && sliceLatents(inputs.latents, first, end),
      signal: session.signal,
    } satisfies GenerateOptions); // prettier-ignore
    for await (const step of generation) {
      const { secondsLeft } = clock.tick(first / batchSize, step.step, step.total);
      session.output.progress(stepText(step, secondsLeft, first, count));
      if (step.preview) await preview!.show(step.preview[0]!, `${prompt}\nPreview: step ${step.step} of ${step.total}`);
    }
    yield await generation;
  }
}

async function report(output: Output, image: GeneratedImage, path: string, json: boolean): Promise<void> {
  const { seed, width, height, flagged, parameters } = image;
  if (flagged) output.note(`deepcode: ${path}: the safety checker found unwanted content, so the image is black.`, 'yellow');
  await (json ? output.json({ path, seed, width, height, flagged, parameters }) : output.result(path));
}

async function drawAll(
  model: TextToImage,
  options: Options,
  inputs: Inputs,
  preview: PreviewFile | undefined,
  session: Session,
): Promise<void> {
  const { output } = session;
  const latents: TensorData[] = [];
  let done = 0;
  for await (const images of drawBatches(model, options, inputs, preview, session)) {
    for (const image of images) {
      const path = inputs.paths[done++]!;
      await writeNewFile(path, await image.png(), options.force);
      await report(output, image, path, options.json);
      if (options.outputLatents !== undefined) latents.push(image.latents);
    }
  }
  output.endProgress();
  if (options.outputLatents !== undefined) await writeLatentsFile(options.outputLatents, latents);
}

async function run(options: Options, session: Session): Promise<void> {
  const inputs = await readInputs(options, session);
  const model = await loadModel(options, inputs, session);
  const preview = options.preview === undefined ? undefined : new PreviewFile(options.preview, options.force);
  try {
    await drawAll(model, options, inputs, preview, session);
  } finally {
    model.dispose();
    await preview?.remove();
  }
}

export function register(program: Program): void {
  defineCommand(program, {
    name: 'generate',
    summary: 'draw images with Stable Diffusion',
    description:
      'Draws images from a prompt, or from a prompt and an image, with a Stable Diffusion 1.x or 2.x model. The same model, ' +
      'prompt and seed give the same image as diffusers does in fp32. PNGs say how they were made and that a model made ' +
      'them; deepcode inspect prints both. Files are never replaced without --force.\n' +
      'Exit code: 0 all well, 1 failed, 2 wrong usage, 130 interrupted.',
    options: OPTIONS,
    required: ['model', 'prompt'],
    examples: [
      ["deepcode generate --model sd15 --prompt 'portrait photo of a woman' --seed 1 -o face.png", 'one image'],
      ["deepcode generate --model sd15 --prompt 'an old man' --count 4 -o 'old-{seed}.png' --json", 'four, each of its own seed'],
      ["deepcode generate --model sd15 --prompt 'oil painting' --image photo.jpg --strength 0.6 -o painting.png", 'from an image'],
      ["deepcode generate --model sd15 --prompt 'a woman' --scheduler dpm++2m-karras --steps 25 -o quick.png", 'in half the time'],
    ],
    run: (_, options, session) => run(options, session),
  });
}

