/** `deepcode gram`: how far apart images are by the Gram matrices of their VGG-19 features. */
import { DeepcodeError } from '../../errors.js';
import { CALIBRATION_OPTIONS, calibrateGram, calibrationPlot, type GramCalibration } from '../../generate/gram/calibration.js';
import { GramComparer, type GramResult } from '../../generate/gram/gram-comparer.js';
import { GRAM_OPTIONS } from '../../generate/gram/options.js';
import { flag, text, type Resolved, type RUNTIME_OPTIONS } from '../../options.js';
import { defineCommand, type Program, type Session } from '../define-command.js';
import { EXIT, UsageError, type ExitCode } from '../exit-codes.js';
import { imagePaths } from '../image-paths.js';
import { checkNewFiles, writeNewFile } from '../new-files.js';
import { printable, type Output } from '../output.js';

const OPTIONS = {
  weights: text({ placeholder: 'FILE', help: "torchvision's VGG-19 as .safetensors (its .pth through deepcode convert)" }),
  ...GRAM_OPTIONS,
  calibrate: text({ placeholder: 'DIR', help: 'propose a threshold from the real photos in DIR instead' }),
  ...CALIBRATION_OPTIONS,
  plot: text({ default: 'gram-distances.svg', placeholder: 'FILE', help: 'where the histogram of --calibrate goes' }),
  force: flag({ help: 'replace the histogram if it exists' }),
  json: flag({ help: 'print one JSON object a line' }),
} as const;

type Options = Resolved<typeof OPTIONS & typeof RUNTIME_OPTIONS> & { readonly weights: string };

const shown = (value: number): string => value.toPrecision(6);

function resultText(path: string, { distance, layers }: GramResult): string {
  const parts = layers.map(({ name, distance: part }) => `${name} ${shown(part)}`);
  return `${shown(distance)}  ${printable(path)}  (${parts.join(', ')})`;
}

async function reportFailure(output: Output, path: string, { code, message }: DeepcodeError, json: boolean): Promise<void> {
  if (json) return output.json({ path, error: { code, message } });
  output.note(`deepcode: ${printable(path)}: ${printable(message)} [${code}]`, 'red');
}

async function compare(comparer: GramComparer, paths: readonly string[], json: boolean, { output, signal }: Session): Promise<ExitCode> {
  const [image, ...references] = paths;
  let exit: ExitCode = EXIT.ok;
  for await (const { reference: path, result, error } of comparer.compareAll(image!, references, { signal })) {
    if (error !== undefined) {
      exit = EXIT.failed;
      await reportFailure(output, path, error, json);
    } else await (json ? output.json({ image, path, ...result }) : output.result(resultText(path, result)));
  }
  return exit;
}

const QUANTILES = [5, 25, 50, 75, 95] as const;

/** The p-th percentile by rank, for a glance at the distribution. */
const percentile = (sorted: readonly number[], p: number): number => sorted[Math.round(((sorted.length - 1) * p) / 100)]!;

async function reportCalibration(output: Output, calibration: GramCalibration, plot: string, json: boolean): Promise<void> {
  const { threshold, quantile, images, distances, failed } = calibration;
  const percentiles = Object.fromEntries(QUANTILES.map((p) => [`p${p}`, percentile(distances, p)]));
  if (json) return output.json({ threshold, quantile, images, failed: failed.length, pairs: distances.length, ...percentiles, plot });
  const spread = Object.entries(percentiles).map(([name, value]) => `${name} ${shown(value)}`);
  await output.result(`threshold ${shown(threshold)} (quantile ${quantile} of ${distances.length} pairs of ${images} photos)`);
  await output.result(`${spread.join(', ')}\nhistogram: ${printable(plot)}`);
}

async function calibrate(comparer: GramComparer, folder: string, options: Options, { output, signal }: Session): Promise<ExitCode> {
  const photos = await imagePaths([folder]);
  const unread = photos.flatMap(({ path, error }) => (error ? [{ image: path, error }] : []));
  const paths = photos.flatMap(({ path, error }) => (error ? [] : [path]));
  if (paths.length === 0) throw unread[0]!.error;
  const onProgress = (done: number, total: number): void => output.progress(`${done}/${total} photos`);
  const calibration = await calibrateGram(comparer, paths, { ...options, signal, onProgress });
  output.endProgress();
  const failed = [...unread, ...calibration.failed];
  for (const { image, error } of failed) await reportFailure(output, String(image), error, false);
  await writeNewFile(options.plot, Buffer.from(calibrationPlot(calibration)), options.force);
  await reportCalibration(output, calibration, options.plot, options.json);
  return failed.length > 0 ? EXIT.failed : EXIT.ok;
}

async function run(args: readonly string[], options: Options, session: Session): Promise<ExitCode> {
  const { calibrate: folder } = options;
  if (folder === undefined ? args.length < 2 : args.length > 0) {
    throw new UsageError('gram takes an image and one or more to compare it to, or --calibrate and none.');
  }
  if (folder !== undefined) checkNewFiles([options.plot], options.force);
  const comparer = await GramComparer.load(options.weights, { ...options, signal: session.signal });
  try {
    return await (folder === undefined ? compare(comparer, args, options.json, session) : calibrate(comparer, folder, options, session));
  } finally {
    session.output.endProgress();
    comparer.dispose();
  }
}

export function register(program: Program): void {
  defineCommand(program, {
    name: 'gram',
    arguments: '[images...]',
    summary: 'compare images by Gram matrices of VGG-19 features',
    description:
      'Prints how far the first image is from each of the others: the sum over layers of the distance between Gram ' +
      'matrices (Gatys et al. 2016), 0 for equal images. Each image is resized until its shortest side fits, and its ' +
      'middle is taken. With --calibrate, all pairs of real photos in a folder are compared, and a quantile of their ' +
      'distances is proposed as the threshold beyond which a generated image is not similar enough to its photo.\n' +
      'Exit code: 0 all well, 1 some images failed, 2 wrong usage, 130 interrupted.',
    options: OPTIONS,
    required: ['weights'],
    examples: [
      ['deepcode gram photo.jpg generated-1.png generated-2.png --weights vgg19.safetensors', 'one photo, two images'],
      ['deepcode gram --calibrate photos/ --weights vgg19.safetensors', 'a threshold and gram-distances.svg'],
    ],
    run: (args, options, session) => run(args, options as Options, session),
  });
}
