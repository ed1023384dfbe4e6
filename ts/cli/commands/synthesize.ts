/** `deepcode synthesize`: a new face for every real one in a folder, and the data set of both. */
import { flag, text, type Resolved, type RUNTIME_OPTIONS } from '../../options.js';
import { SYNTHESIZE_OPTIONS, type SynthesisProgress } from '../../synthesize/options.js';
import { isFinished, type SynthesisRecord } from '../../synthesize/record.js';
import { synthesize, type SynthesisReport } from '../../synthesize/synthesize.js';
import { defineCommand, type Program, type Session } from '../define-command.js';
import { downloadText } from '../download-text.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { printable, type Output } from '../output.js';
import { durationText } from '../progress-text.js';

const OPTIONS = {
  model: text({ placeholder: 'DIR|ID', help: 'Stable Diffusion, as for deepcode generate' }),
  out: text({ short: 'o', placeholder: 'DIR', help: 'folder for the data set; an interrupted run in it is continued' }),
  ...SYNTHESIZE_OPTIONS,
  json: flag({ help: 'print one JSON object a photo, as in manifest.jsonl' }),
} as const;

type Options = Resolved<typeof OPTIONS & typeof RUNTIME_OPTIONS> & { model: string; out: string };

const PHASES: Readonly<Record<SynthesisProgress['phase'], string>> = {
  read: 'reading',
  calibrate: 'calibrating the threshold',
  draw: 'drawing',
};

/** "drawing: 12/80 photos, attempt 2, step 14/50, 1 h 3 min left" */
export function progressText({ phase, done, total, attempt, step, steps, secondsLeft }: SynthesisProgress): string {
  const parts = [`${done}/${total} photos`];
  if (attempt !== undefined) parts.push(`attempt ${attempt}, step ${step}/${steps}`);
  if (secondsLeft !== undefined) parts.push(`${durationText(secondsLeft)} left`);
  return `${PHASES[phase]}: ${parts.join(', ')}`;
}

function recordText(record: SynthesisRecord): string {
  if (!isFinished(record)) return '';
  const { name, fake, distance, outcome, kept, attempts } = record;
  const verdict = outcome === 'accepted' ? `accepted, attempt ${kept + 1}` : `best of ${attempts.length}`;
  return `${printable(name)} -> ${printable(fake)}  ${distance.toPrecision(6)}  ${verdict}`;
}

function report(output: Output, record: SynthesisRecord, json: boolean): Promise<void> {
  if (json) return output.json(record);
  if (isFinished(record)) return output.result(recordText(record));
  output.note(`deepcode: ${printable(record.name)}: ${printable(record.error.message)} [${record.error.code}]`, 'red');
  return Promise.resolve();
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function summary({ folder, images, drawn, accepted, failed, threshold, weights, contactSheets }: SynthesisReport): string {
  const lost = failed === 0 ? '' : ` ${counted(failed, 'photo')} failed.`;
  const by = weights === 'random' ? ', random weights' : '';
  return (
    `${counted(images, 'image')}, ${drawn} new; ${accepted} within the threshold ${threshold.toPrecision(6)}${by}.${lost}\n` +
    `${counted(contactSheets.length, 'contact sheet')}. Next: deepcode eval --data ${printable(folder)}`
  );
}

async function run(photos: string, options: Options, { output, signal }: Session): Promise<ExitCode> {
  const { json, ...rest } = options;
  try {
    const result = await synthesize({
      ...rest,
      photos,
      signal,
      onProgress: (progress) => output.progress(progressText(progress)),
      onRecord: (record) => void report(output, record, json),
      onNote: (message) => output.note(`deepcode: ${message}`, 'yellow'),
      onDownload: (progress) => output.progress(downloadText(progress)),
    });
    output.endProgress();
    output.note(summary(result));
    return result.failed === 0 ? EXIT.ok : EXIT.failed;
  } finally {
    output.endProgress();
    if (signal.aborted) output.note('The run can be continued: repeat the command.');
  }
}

export function register(program: Program): void {
  defineCommand(program, {
    name: 'synthesize',
    arguments: '<folder>',
    summary: 'draw a new face for every real one in a folder',
    description:
      'Reads each photo of the folder (age, gender, race and emotion of its largest face; a caption), writes a prompt, ' +
      'draws with Stable Diffusion, compares Gram matrices of VGG-19 features with the photo, and tries again with a ' +
      'stronger prompt while the distance is over the threshold. Writes real/ and fake/, which deepcode eval reads, ' +
      'manifest.jsonl, config.json and contact sheets. The same command goes on after an interruption, kill -9 ' +
      'included, and repeats nothing that is done. A photo that cannot be used is reported and the rest go on.\n' +
      'Exit code: 0 all well, 1 some photos failed, 2 wrong usage, 130 interrupted.',
    options: OPTIONS,
    required: ['model', 'out'],
    examples: [
      ['deepcode synthesize photos --model sd15 --out generated --caption-model vit-gpt2 --vgg vgg19.safetensors', 'the whole way'],
      ['deepcode synthesize photos --model sd15 --out generated --attempts 1 --scheduler dpm++2m-karras --steps 25', 'quick, without trying again'],
      ['deepcode eval --model runs/scl --data generated', 'what a detector says of it'],
    ],
    run: ([photos], options, session) => run(photos!, options as Options, session),
  });
}
