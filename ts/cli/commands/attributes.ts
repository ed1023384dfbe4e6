/** `deepcode attributes`: age, gender, race and emotion of every face. */
import type { FaceAttributes } from '../../attributes/face-attributes.js';
import { FaceAnalyzer } from '../../attributes/face-analyzer.js';
import { decodeImage } from '../../data/decode.js';
import type { RgbImage } from '../../data/rgb-image.js';
import { DeepcodeError, isAbort } from '../../errors.js';
import { FACE_OPTIONS } from '../../faces/options.js';
import { flag, text, type Resolved, type RUNTIME_OPTIONS } from '../../options.js';
import { annotateFaces } from '../../plots/annotated-faces.js';
import { writeAttributes, faceLabel, type AttributesLine } from '../attributes-lines.js';
import { defineCommand, type Program, type Session } from '../define-command.js';
import { downloadText } from '../download-text.js';
import { EXIT, UsageError, type ExitCode } from '../exit-codes.js';
import { imagePaths, STDIN, type ImagePath } from '../image-paths.js';
import { openPictureFiles, type PictureFiles } from '../picture-files.js';
import { Pace } from '../progress-text.js';

const OPTIONS = {
  ...FACE_OPTIONS,
  models: text({
    placeholder: 'DIR',
    help: 'folder of the networks (default: that of `deepcode pull attributes`, fetched when missing)',
  }),
  deepface: text({
    placeholder: 'DIR',
    help: "folder of DeepFace's own networks, which then read the attributes (made by `deepcode convert --layout pytorch`)",
  }),
  annotate: text({ placeholder: 'DIR', help: 'write a picture with boxes and labels, one an image, to DIR' }),
  force: flag({ help: 'replace pictures that exist' }),
  json: flag({ help: 'print one JSON object a line' }),
} as const;

type Options = Resolved<typeof OPTIONS & typeof RUNTIME_OPTIONS>;

interface Job {
  analyzer: FaceAnalyzer;
  options: Options;
  pictures: PictureFiles | undefined;
  session: Session;
}

async function loadAnalyzer(options: Options, { output, signal }: Session): Promise<FaceAnalyzer> {
  const { models, deepface, device, dtype, threads } = options;
  const analyzer = await FaceAnalyzer.load({
    models,
    deepface,
    device,
    dtype,
    threads,
    signal,
    onDownload: (progress) => output.progress(downloadText(progress)),
  });
  output.endProgress();
  return analyzer;
}

async function annotate(path: string, image: RgbImage, faces: readonly FaceAttributes[], pictures: PictureFiles): Promise<string> {
  return pictures.write(path, await annotateFaces(image, faces.map(faceLabel)));
}

async function readOne(path: string, job: Job): Promise<AttributesLine> {
  const { analyzer, options, pictures, session } = job;
  const { signal } = session;
  const image = await decodeImage(path === STDIN ? process.stdin : path, { signal });
  const faces = await analyzer.analyze(image, { minScore: options.minScore, minFace: options.minFace, signal });
  if (faces.length === 0) throw new DeepcodeError('ERR_IMAGE', 'No face was found in it. Try a lower --min-score, or --min-face for small ones.');
  return { path, faces, ...(pictures && { picture: await annotate(path, image, faces, pictures) }) };
}

async function readOrReport({ path, error }: ImagePath, job: Job): Promise<AttributesLine> {
  if (error) return { path, error };
  try {
    return await readOne(path, job);
  } catch (failure) {
    if (isAbort(failure) || !(failure instanceof DeepcodeError)) throw failure;
    return { path, error: failure };
  }
}

async function readEvery(images: readonly ImagePath[], job: Job): Promise<ExitCode> {
  const { output } = job.session;
  const pace = new Pace(images.length);
  let failed = 0;
  for (const image of images) {
    const line = await readOrReport(image, job);
    if (line.error) failed++;
    await writeAttributes(output, job.options.json, line);
    if (images.length > 1) output.progress(pace.step());
  }
  output.endProgress();
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

async function run(args: readonly string[], options: Options, session: Session): Promise<ExitCode> {
  const images = await imagePaths(args);
  const paths = images.map(({ path }) => path);
  if (paths.includes(STDIN) && process.stdin.isTTY) {
    throw new UsageError('- reads an image from standard input, which is the terminal now.');
  }
  const { annotate: folder, force } = options;
  const pictures = folder === undefined ? undefined : await openPictureFiles(folder, paths, { kind: 'faces', force });
  const analyzer = await loadAnalyzer(options, session);
  try {
    return await readEvery(images, { analyzer, options, pictures, session });
  } finally {
    analyzer.dispose();
  }
}

export function register(program: Program): void {
  defineCommand(program, {
    name: 'attributes',
    arguments: '<images...>',
    summary: 'read age, gender, race and emotion of every face',
    description:
      'Finds faces in images (JPEG, PNG, WebP; files, folders, glob patterns, or - for standard input) and estimates ' +
      "age, gender, race and emotion of each, in DeepFace's result shape. These are guesses from looks with known " +
      'errors, different ones for different groups; see the README. An image without a face is reported as an error ' +
      'and the rest go on.\n' +
      'Exit code: 0 all well, 1 some images failed, 2 wrong usage, 130 interrupted.',
    options: OPTIONS,
    examples: [
      ['deepcode attributes photo.jpg', 'one line a face'],
      ['deepcode attributes photos/ --json > faces.jsonl', 'a folder, one JSON object an image'],
      ['deepcode attributes group.jpg --annotate out', 'with a picture of boxes and labels'],
      ['deepcode attributes photo.jpg --deepface weights/', "by DeepFace's networks"],
    ],
    run,
  });
}
