/** `deepcode detect`: is this photo real or generated? */
import type { ImageInput } from '../../data/image-input.js';
import type { Detection, UnsureBand } from '../../detect/detection.js';
import type { Detector } from '../../detect/detector.js';
import { settleInput } from '../../detect/input.js';
import { DeepcodeError } from '../../errors.js';
import type { DownloadProgress } from '../../hub/index.js';
import { flag, text, type Resolved, type RUNTIME_OPTIONS } from '../../options.js';
import { FaceDetector } from '../../faces/face-detector.js';
import { DETECTOR_FLAGS, UNSURE_FLAG, loadDetector, parseUnsure } from '../detector-flags.js';
import { defineCommand, type Program, type Session } from '../define-command.js';
import {
  writeHeader,
  writeLine,
  type DetectionFormat,
  type DetectionLine,
} from '../detection-lines.js';
import { EXIT, UsageError, type ExitCode } from '../exit-codes.js';
import { imagePaths, STDIN, type ImagePath } from '../image-paths.js';
import { downloadText } from '../download-text.js';
import { FACES_FLAGS, faceSources, type FaceChoice, type NamedImage } from '../face-sources.js';
import { openPictureFiles, type PictureFiles } from '../picture-files.js';
import { durationText, Pace } from '../progress-text.js';

const OPTIONS = {
  ...DETECTOR_FLAGS,
  ...UNSURE_FLAG,
  ...FACES_FLAGS,
  heatmap: text({
    placeholder: 'DIR',
    help: 'write a picture of what moved the score, one an image, to DIR; not with --faces all',
  }),
  force: flag({ help: 'replace heat maps that exist' }),
  json: flag({ help: 'print one JSON object a line' }),
  csv: flag({ help: 'print CSV with a header; not with --json' }),
} as const;

type Options = Resolved<typeof OPTIONS & typeof RUNTIME_OPTIONS>;

type Source = string | Uint8Array;

interface Job {
  detector: Detector;
  /** Finds the faces to score, or undefined for whole images. */
  faces: FaceChoice | undefined;
  unsureBand: UnsureBand | undefined;
  heatmaps: PictureFiles | undefined;
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

/** What there is to score, and a list that names it in the same order, filled no later than it is read. */
function scoredSources(
  images: readonly NamedImage[],
  { faces, session }: Job,
): { named: NamedImage[]; sources: Iterable<Source> | AsyncIterable<Source> } {
  if (faces === undefined) {
    return { named: [...images], sources: images.flatMap(({ source }) => (source === undefined ? [] : [source])) };
  }
  const named: NamedImage[] = [];
  async function* sources(): AsyncGenerator<Source> {
    for await (const image of faceSources(images, faces!, session.signal)) {
      named.push(image);
      if (image.source !== undefined) yield image.source;
    }
  }
  return { named, sources: sources() };
}

/** Takes the errors at the head of the list. */
function* leadingErrors(named: NamedImage[]): Generator<DetectionLine> {
  for (let first = named[0]; first?.error !== undefined; first = named[0]) {
    yield { path: first.path, error: first.error };
    named.shift();
  }
}

/** Every image, or face, with its detection or error, in order. */
async function* detectEvery(
  images: readonly NamedImage[],
  job: Job,
): AsyncGenerator<DetectionLine> {
  const { signal } = job.session;
  const { named, sources } = scoredSources(images, job);
  for await (const { input, detection, error } of job.detector.detectAll(sources, { signal, unsureBand: job.unsureBand })) {
    yield* leadingErrors(named);
    const { path, face } = named.shift()!;
    if (error) yield { path, error };
    else yield await addHeatmap({ path, detection, ...(face && { face }) }, input, job);
  }
  yield* leadingErrors(named);
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
  await writeHeader(output, job.format, job.faces !== undefined);
  for await (const line of detectEvery(images, job)) {
    counts[line.detection?.label ?? 'failed']++;
    await writeLine(output, job.format, line, job.faces !== undefined);
    if (images.length > 1 && job.faces === undefined) output.progress(pace.step());
  }
  const lines = Object.values(counts).reduce((sum, count) => sum + count, 0);
  output.endProgress(images.length > 1 ? summary(counts, pace, lines) : undefined);
  return counts.failed === 0 ? EXIT.ok : EXIT.failed;
}

async function loadFaces(
  { faces, minFace, device, dtype, threads }: Options,
  { output, signal }: Session,
): Promise<Job['faces']> {
  if (faces === 'none') return undefined;
  const onDownload = (progress: DownloadProgress): void => output.progress(downloadText(progress));
  const detector = await FaceDetector.load({ device, dtype, threads, signal, onDownload });
  output.endProgress();
  return { detector, mode: faces, minFace };
}

function formatOf(options: Options): DetectionFormat {
  if (options.json && options.csv) throw new UsageError('--json and --csv exclude each other.');
  return options.json ? 'json' : options.csv ? 'csv' : 'text';
}

async function run(args: readonly string[], options: Options, session: Session): Promise<ExitCode> {
  const format = formatOf(options);
  const unsureBand = parseUnsure(options.unsure);
  if (options.faces === 'all' && options.heatmap !== undefined) {
    throw new UsageError('--heatmap writes one picture an image: use it with --faces largest.');
  }
  if (options.faces === 'none' && options.minFace !== undefined) throw new UsageError('--min-face belongs to --faces largest or all.');
  const images = await openImages(await imagePaths(args), session.signal);
  const paths = images.map(({ path }) => path);
  const heatmaps =
    options.heatmap === undefined
      ? undefined
      : await openPictureFiles(options.heatmap, paths, { kind: 'heatmap', force: options.force });
  const faces = await loadFaces(options, session);
  const detector = await loadDetector(options, session);
  try {
    return await detectAndWrite(images, { detector, faces, unsureBand, heatmaps, format, session });
  } finally {
    detector.dispose();
    faces?.detector.dispose();
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
      'A line is the label, P(fake) from 0 to 1 and the path; --json has path, label, score, logits [real, fake] (and ' +
      'face, heatmap), or path and error {code, message}. Scores between two thresholds, the unsure band, are called ' +
      'unsure.\n' +
      'Exit code: 0 all well, 1 some images failed, 2 wrong usage, 130 interrupted.',
    options: OPTIONS,
    examples: [
      ['deepcode detect photo.jpg', 'one photo'],
      ['deepcode detect photos/ --json > scores.jsonl', 'a folder, one JSON object a line'],
      [
        "deepcode detect 'photos/**/*.png' --heatmap maps",
        'with a picture of what moved each score',
      ],
      ['deepcode detect party.jpg --faces all --json', 'one line a face'],
      ['curl -s https://example.org/face.jpg | deepcode detect -', 'standard input'],
    ],
    run,
  });
}
