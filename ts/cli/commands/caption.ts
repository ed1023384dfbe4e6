/** `deepcode caption`: what is in a picture, in words. */
import { checkCaptionOptions, ImageCaptioner, type ImageCaptions } from '../../caption/image-captioner.js';
import { CAPTION_OPTIONS } from '../../caption/options.js';
import { settleInput } from '../../detect/input.js';
import { DeepcodeError } from '../../errors.js';
import { flag, text, type Resolved, type RUNTIME_OPTIONS } from '../../options.js';
import { defineCommand, type Program, type Session } from '../define-command.js';
import { EXIT, UsageError, type ExitCode } from '../exit-codes.js';
import { imagePaths, STDIN, type ImagePath } from '../image-paths.js';
import { printable, type Output } from '../output.js';
import { Pace } from '../progress-text.js';

const OPTIONS = {
  model: text({ placeholder: 'DIR|ID', help: 'captioner: a VisionEncoderDecoderModel folder (ViT and GPT-2), or a hub id' }),
  ...CAPTION_OPTIONS,
  json: flag({ help: 'print one JSON object a line' }),
} as const;

type Options = Resolved<typeof OPTIONS & typeof RUNTIME_OPTIONS> & { readonly model: string };

async function write(output: Output, path: string, result: ImageCaptions, json: boolean): Promise<void> {
  const captions = result.captions.map(({ text, score }) => ({ text, score }));
  if (json) return output.json({ path, caption: result.text, score: result.score, captions });
  for (const { text } of captions) await output.result(`${printable(path)}: ${printable(text)}`);
}

async function reportFailure(output: Output, path: string, { code, message }: DeepcodeError, json: boolean): Promise<void> {
  if (json) return output.json({ path, error: { code, message } });
  output.note(`deepcode: ${printable(path)}: ${printable(message)} [${code}]`, 'red');
}

async function captionOne(captioner: ImageCaptioner, { path, error }: ImagePath, options: Options, signal: AbortSignal): Promise<ImageCaptions> {
  if (error !== undefined) throw error;
  if (path !== STDIN) return captioner.caption(path, { ...options, signal });
  if (process.stdin.isTTY) throw new UsageError('- reads an image from standard input, which is the terminal now.');
  return captioner.caption(await settleInput(process.stdin, signal), { ...options, signal });
}

async function captionAll(captioner: ImageCaptioner, images: readonly ImagePath[], options: Options, session: Session): Promise<ExitCode> {
  const { output, signal } = session;
  const pace = new Pace(images.length);
  let exit: ExitCode = EXIT.ok;
  for (const image of images) {
    try {
      await write(output, image.path, await captionOne(captioner, image, options, signal), options.json);
    } catch (error) {
      if (!(error instanceof DeepcodeError)) throw error;
      exit = EXIT.failed;
      await reportFailure(output, image.path, error, options.json);
    }
    if (images.length > 1) output.progress(pace.step());
  }
  output.endProgress();
  return exit;
}

async function run(args: readonly string[], options: Options, session: Session): Promise<ExitCode> {
  checkCaptionOptions(options);
  const images = await imagePaths(args);
  const captioner = await ImageCaptioner.load(options.model, { ...options, signal: session.signal });
  try {
    return await captionAll(captioner, images, options, session);
  } finally {
    session.output.endProgress();
    captioner.dispose();
  }
}

export function register(program: Program): void {
  defineCommand(program, {
    name: 'caption',
    arguments: '<images...>',
    summary: 'say what is in a picture',
    description:
      'Writes captions for images (JPEG, PNG, WebP): files, folders (searched to any depth), glob patterns, or - for an ' +
      'image on standard input. An image that cannot be read is reported and the rest go on.\n' +
      'Exit code: 0 all well, 1 some images failed, 2 wrong usage, 130 interrupted.',
    options: OPTIONS,
    required: ['model'],
    examples: [
      ['deepcode caption photo.jpg --model vit-gpt2', 'one caption, by beam search with 4 beams'],
      ['deepcode caption photos/ --model vit-gpt2 --count 3 --json', 'three captions of each, one JSON object an image'],
    ],
    run: (args, options, session) => run(args, options as Options, session),
  });
}
