/** `deepcode fairness label`: fills in who is shown where a data set does not say so. */
import { FaceAnalyzer } from '../../attributes/face-analyzer.js';
import { splitByIdentity } from '../../data/datasets/identity-split.js';
import { DATASET_OPTIONS } from '../../data/datasets/open-dataset.js';
import { EVALUATE_OPTIONS } from '../../detect/evaluate.js';
import { datasetNotes } from '../../fairness/data-notes.js';
import { labelPeople, type LabelledPerson } from '../../fairness/label.js';
import { peopleTable } from '../../fairness/people-table.js';
import { flag, text, type Resolved, type RUNTIME_OPTIONS } from '../../options.js';
import { csvLine } from '../csv.js';
import { defineCommand, type Program, type Session } from '../define-command.js';
import { downloadText } from '../download-text.js';
import { openSets, type NamedSet } from '../evaluation-sets.js';
import { EXIT, UsageError, type ExitCode } from '../exit-codes.js';
import { checkNewFiles, writeNewFile } from '../new-files.js';
import { printable } from '../output.js';
import { Pace } from '../progress-text.js';

const OPTIONS = {
  data: text({ placeholder: 'DIR', help: 'data set: folder with real/ and fake/, CSV or JSON' }),
  ...DATASET_OPTIONS,
  ...EVALUATE_OPTIONS,
  out: text({ placeholder: 'FILE', help: 'the table to write, for example labels.csv' }),
  models: text({
    placeholder: 'DIR',
    help: 'folder of the networks (default: that of `deepcode pull attributes`, fetched when missing)',
  }),
  split: flag({
    help: 'cut a data set that is not split into 60 % training, 20 % validation and 20 % test, no person in two of them',
  }),
  force: flag({ help: 'replace a table that exists' }),
  json: flag({ help: 'print the counts as one JSON object' }),
} as const;

type Options = Resolved<typeof OPTIONS & typeof RUNTIME_OPTIONS> & { data: string; out: string };

async function labelSet(set: NamedSet, options: Options, { output, signal }: Session): Promise<LabelledPerson[]> {
  const { models, device, dtype, threads, maxBadImages } = options;
  const onDownload = (progress: Parameters<typeof downloadText>[0]): void => output.progress(downloadText(progress));
  const analyzer = await FaceAnalyzer.load({ models, device, dtype, threads, signal, onDownload });
  const pace = new Pace(set.samples.length);
  try {
    return await labelPeople(analyzer, set.samples, {
      maxBadImages,
      signal,
      onProgress: () => output.progress(`${set.name}: ${pace.step()}`),
    });
  } finally {
    output.endProgress();
    analyzer.dispose();
  }
}

function checkUnsplit({ dataset }: NamedSet): void {
  if (dataset.splits.length > 0) throw new UsageError(`${dataset.name} is split already: leave out --split.`);
}

function splitPeople(people: LabelledPerson[]): LabelledPerson[] {
  const samples = splitByIdentity(people.map(({ sample }) => sample));
  return people.map((person, i) => ({ ...person, sample: samples[i]! }));
}

function countPeople(people: readonly LabelledPerson[]) {
  return {
    images: people.length,
    stated: people.filter(({ faces }) => faces === undefined).length,
    predicted: people.filter(({ demographics }) => Object.values(demographics).some((each) => each?.predicted)).length,
    without_face: people.filter(({ faces, error }) => faces === 0 && !error).length,
    failed: people.filter(({ error }) => error !== undefined).length,
  };
}

async function run(_args: readonly string[], options: Options, session: Session): Promise<ExitCode> {
  const { output } = session;
  checkNewFiles([options.out], options.force);
  const [set] = await openSets([options.data], 'all', { maxSkipped: options.maxSkipped, signal: session.signal });
  if (options.split) checkUnsplit(set!);
  for (const note of datasetNotes(set!.dataset)) output.note(printable(note), 'yellow');
  const people = await labelSet(set!, options, session);
  for (const { sample, error } of people) {
    if (error) output.note(`${printable(sample.name)}: ${error.message}`, 'yellow');
  }
  const lines = peopleTable(options.split ? splitPeople(people) : people, options.out).map(csvLine);
  await writeNewFile(options.out, Buffer.from(`${lines.join('\n')}\n`), options.force);
  const counts = countPeople(people);
  await (options.json
    ? output.json({ table: options.out, ...counts })
    : output.result(
        `${counts.images} images: ${counts.predicted} with predicted attributes, ${counts.stated} stated in full, ` +
          `${counts.without_face} without a face, ${counts.failed} unreadable. Wrote ${printable(options.out)}`,
      ));
  return counts.failed > 0 ? EXIT.failed : EXIT.ok;
}

export function register(program: Program): void {
  defineCommand(program, {
    name: 'label',
    summary: 'predict gender, race and age where a data set does not say them',
    description:
      'Reads the largest face of every image and writes a CSV table with path, label, split, source, identity, and ' +
      'gender, race and age, each with a column _predicted (1: a network said so) and _confidence. What the data set ' +
      'states is kept. Predictions are guesses from looks with known errors, different ones for different groups.\n' +
      'Exit code: 0 all well, 1 some images failed, 2 wrong usage, 130 interrupted.',
    options: OPTIONS,
    required: ['data', 'out'],
    examples: [
      ['deepcode fairness label --data faces --out faces/labels.csv', 'for fairness report, train and eval'],
    ],
    run,
  });
}
