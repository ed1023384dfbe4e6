/** `deepcode detect`: is this photo real or generated? */
import type { ImageInput } from '../../data/image-input.js';
import type { Detection, UnsureBand } from '../../detect/detection.js';
import type { Detector } from '../../detect/detector.js';
import { settleInput } from '../../detect/input.js';
import { DeepcodeError } from '../../errors.js';
import { flag, text, type Resolved, type RUNTIME_OPTIONS } from '../../options.js';
import { DETECTOR_FLAGS, UNSURE_FLAG, loadDetector, parseUnsure } from '../detector-flags.js';
import { defineCommand, type Program, type Session } from '../define-command.js';
import {
  writeHeader,
  writeLine,
  type DetectionFormat,
  type DetectionLine,
} from '../detection-lines.js';
import { EXIT, UsageError, type ExitCode } from '../exit-codes.js';
import { openHeatmapFiles, type HeatmapFiles } from '../heatmap-files.js';
import { imagePaths, STDIN, type ImagePath } from '../image-paths.js';
import { durationText, Pace } from '../progress-text.js';

const OPTIONS = {
  ...DETECTOR_FLAGS,
  ...UNSURE_FLAG,
  heatmap: text({
    placeholder: 'DIR',
    help: 'write a picture of what moved the score, one an image, to DIR',
  }),
  force: flag({ help: 'replace heat maps that exist' }),
  json: flag({ help: 'print one JSON object a line' }),
  csv: flag({ help: 'print CSV with a header' }),
} as const;

type Options = Resolved<typeof OPTIONS & typeof RUNTIME_OPTIONS>;

/** What the user named, with what to read or why it cannot be. */
type NamedImage =
  | { path: string; source: string | Uint8Array; error?: undefined }
  | { path: string; source?: undefined; error: Error };

interface Job {
  detector: Detector;
  unsureBand: UnsureBand | undefined;
  heatmaps: HeatmapFiles | undefined;
  format: DetectionFormat;
  session: Session;
}

/** Standard input is read once and kept: it may be needed for a heat map, too. */
async function readStdin(signal: AbortSignal): Promise<NamedImage> {
  if (process.stdin.isTTY)
    throw new UsageError('- reads an image from standard input, which is the terminal now.');
  try {
    return { path: STDIN, source: await settleInput(process.stdin, signal) };
  } catch (error) {
    if (error instanceof DeepcodeError) return { path: STDIN, error };
    throw error;
  }
}

async function openImages(
  images: readonly ImagePath[],
  signal: AbortSignal,
): Promise<NamedImage[]> {
  const stdin = images.some(({ path }) => path === STDIN) ? await readStdin(signal) : undefined;
  return images.map(({ path, error }) =>
    path === STDIN ? stdin! : error ? { path, error } : { path, source: path },
  );
}

/** Every image with its detection or error, in order. */
async function* detectEvery(
  images: readonly NamedImage[],
  job: Job,
): AsyncGenerator<DetectionLine> {
  const { signal } = job.session;
  const sources = images.flatMap(({ source }) => (source === undefined ? [] : [source]));
  const outcomes = job.detector.detectAll(sources, { signal, unsureBand: job.unsureBand });
  for (const { path, source, error } of images) {
    if (source === undefined) {
      yield { path, error };
      continue;
    }
    const { value } = await outcomes.next();
    if (!value) return;
    if (value.error) yield { path, error: value.error };
    else yield await addHeatmap({ path, detection: value.detection }, source, job);
  }
}

async function addHeatmap(
  line: DetectionLine,
  source: ImageInput,
  job: Job,
): Promise<DetectionLine> {
  if (!job.heatmaps) return line;
  const { png } = await job.detector.heatmap(source, { signal: job.session.signal });
  return { ...line, heatmap: await job.heatmaps.write(line.path, png) };
}

function summary(
  counts: Record<Detection['label'] | 'failed', number>,
  pace: Pace,
  total: number,
): string {
  const parts = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  return `${total} images: ${parts.join(', ')}; ${durationText(pace.seconds)}, ${pace.perSecond.toFixed(1)} images/s`;
}

async function detectAndWrite(images: readonly NamedImage[], job: Job): Promise<ExitCode> {
  const { output } = job.session;
  const counts = { real: 0, fake: 0, unsure: 0, failed: 0 };
  const pace = new Pace(images.length);
  await writeHeader(output, job.format);
  for await (const line of detectEvery(images, job)) {
    counts[line.detection?.label ?? 'failed']++;
    await writeLine(output, job.format, line);
    if (images.length > 1) output.progress(pace.step());
  }
  output.endProgress(images.length > 1 ? summary(counts, pace, images.length) : undefined);
  return counts.failed === 0 ? EXIT.ok : EXIT.failed;
}

function formatOf(options: Options): DetectionFormat {
  if (options.json && options.csv) throw new UsageError('--json and --csv exclude each other.');
  return options.json ? 'json' : options.csv ? 'csv' : 'text';
}

async function run(args: readonly string[], options: Options, session: Session): Promise<ExitCode> {
  const format = formatOf(options);
  const unsureBand = parseUnsure(options.unsure);
  const images = await openImages(await imagePaths(args), session.signal);
  const paths = images.map(({ path }) => path);
  const heatmaps =
    options.heatmap === undefined
      ? undefined
      : await openHeatmapFiles(options.heatmap, paths, options.force);
  const detector = await loadDetector(options, session);
  try {
    return await detectAndWrite(images, { detector, unsureBand, heatmaps, format, session });
  } finally {
    detector.dispose();
  }
}

export function register(program: Program): void {
  defineCommand(program, {
    name: 'detect',
    arguments: '<images...>',
    summary: 'tell real face photos from generated ones',
    description:
      'Scores face photos (JPEG, PNG, WebP): files, folders (searched to any depth), glob patterns, or - for an ' +
      'image on standard input. An image that cannot be read is reported and the rest go on.\n' +
      'Exit code: 0 all well, 1 some images failed, 2 wrong usage, 130 interrupted.',
    options: OPTIONS,
    examples: [
      ['deepcode detect photo.jpg', 'one photo'],
      ['deepcode detect photos/ --json > scores.jsonl', 'a folder, one JSON object a line'],
      [
        "deepcode detect 'photos/**/*.png' --heatmap maps",
        'with a picture of what moved each score',
      ],
      ['curl -s https://example.org/face.jpg | deepcode detect -', 'standard input'],
    ],
    run,
  });
}
