/** `deepcode fairness eval`: how good a trained detector is, and how it treats groups of people. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EVALUATE_OPTIONS } from '../../detect/evaluate.js';
import { DATASET_OPTIONS } from '../../data/datasets/open-dataset.js';
import { runDataSets } from '../../detect/train/run-config.js';
import { FAIRNESS_OPTIONS, fairnessSettings } from '../../fairness/options.js';
import { choice, flag, list, text, type Resolved, type RUNTIME_OPTIONS } from '../../options.js';
import { defineCommand, type Program, type Session } from '../define-command.js';
import { DETECTOR_FLAGS, loadDetector } from '../detector-flags.js';
import { evaluationFiles, setJson, setsTable, type EvaluatedSet } from '../evaluation-report.js';
import { domainOf, openSets, type NamedSet } from '../evaluation-sets.js';
import { EXIT, UsageError, type ExitCode } from '../exit-codes.js';
import { fairnessFiles } from '../fairness-files.js';
import { printable } from '../output.js';
import { makeReportFolder, writeReport } from '../report-folder.js';
import { evaluateGroups, printGroups, type EvaluatedGroups } from './fairness-report.js';

const OPTIONS = {
  ...DETECTOR_FLAGS,
  model: text({ placeholder: 'DIR|ID', help: 'folder of a run; with --data also a model folder or hub id' }),
  data: list({ placeholder: 'DIR', help: 'data set whose tables say who is shown (default: those of the run)' }),
  ...FAIRNESS_OPTIONS,
  split: choice({
    choices: ['test', 'valid', 'train', 'all'],
    default: 'test',
    help: 'which images of a data set that is split',
  }),
  ...DATASET_OPTIONS,
  ...EVALUATE_OPTIONS,
  out: text({ placeholder: 'DIR', help: 'folder of the reports (default: evaluation/ in --model, if it is a folder)' }),
  json: flag({ help: 'print one JSON object a data set' }),
} as const;

type Options = Resolved<typeof OPTIONS & typeof RUNTIME_OPTIONS> & { model: string };

/** What is known of a set after its images were scored once. */
interface EvaluatedRun extends EvaluatedSet {
  groups: EvaluatedGroups;
}

async function evaluateAll(sets: readonly NamedSet[], options: Options, session: Session): Promise<EvaluatedRun[]> {
  const detector = await loadDetector(options, session);
  const trainedOn = detector.info.trainedOn.map(({ name }) => name);
  const evaluated: EvaluatedRun[] = [];
  try {
    for (const set of sets) {
      const groups = await evaluateGroups(set, detector, options, session);
      const { evaluation } = groups;
      evaluated.push({ name: set.name, domain: domainOf(set, trainedOn), evaluation, groups });
    }
    return evaluated;
  } finally {
    detector.dispose();
  }
}

async function print(sets: readonly EvaluatedRun[], session: Session): Promise<void> {
  await session.output.result(`${setsTable(sets)}\n`);
  for (const { groups } of sets) await printGroups(groups, session);
}

/** One folder a set, where there are several. */
async function write(folder: string, sets: readonly EvaluatedRun[]): Promise<string[]> {
  const files = await writeReport(folder, evaluationFiles(sets));
  for (const [i, { groups }] of sets.entries()) {
    files.push(...(await writeReport(sets.length === 1 ? folder : join(folder, String(i + 1)), fairnessFiles(groups.report))));
  }
  return files;
}

/** A folder with the name of a hub id would from then on stand in for the model. */
async function outOf({ model, out }: Options): Promise<string> {
  if (out !== undefined) return out;
  const info = await stat(model).catch(() => undefined);
  if (info?.isDirectory()) return join(model, 'evaluation');
  throw new UsageError('--out must be given, as --model is not a folder.');
}

/** Of the run's own data, only a split says which images were not trained on. */
function checkSplit({ name, dataset }: NamedSet): void {
  if (dataset.splits.length > 0) return;
  throw new UsageError(
    `${name} is not split, and the run was trained on it. Split it with deepcode fairness label --split, pass --data ` +
      'with images that were not trained on, or --split all to measure on all of it.',
  );
}

async function run(_args: readonly string[], options: Options, session: Session): Promise<ExitCode> {
  const { output } = session;
  fairnessSettings(options);
  const paths = options.data.length > 0 ? options.data : await runDataSets(options.model);
  if (paths.length === 0) throw new UsageError('--data must be given, as --model is not a folder of a run.');
  const out = await outOf(options);
  const sets = await openSets(paths, options.split, { maxSkipped: options.maxSkipped, signal: session.signal });
  if (options.data.length === 0 && options.split !== 'all') sets.forEach(checkSplit);
  await makeReportFolder(out);
  const evaluated = await evaluateAll(sets, options, session);
  if (options.json) {
    for (const set of evaluated) await output.json({ ...setJson(set), fairness: set.groups.report });
  } else {
    await print(evaluated, session);
  }
  const files = await write(out, evaluated);
  output.note(`Wrote ${files.map((file) => printable(file)).join(', ')}`);
  return evaluated.some(({ evaluation }) => evaluation.failures.length > 0) ? EXIT.failed : EXIT.ok;
}

export function register(program: Program): void {
  defineCommand(program, {
    name: 'eval',
    summary: 'measure a trained detector, and how it treats groups of people',
    description:
      'What deepcode eval and deepcode fairness report say of a run, from one pass over the images: accuracy, AUC and ' +
      'calibration, and the error rates of every group with the figures that compare them. Writes both reports into ' +
      'evaluation/ of the run.\n' +
      'Exit code: 0 all well, 1 some images failed, 2 wrong usage, 130 interrupted.',
    options: OPTIONS,
    required: ['model'],
    examples: [
      ['deepcode fairness eval --model runs/fair', "on the test split of the run's data"],
      ['deepcode fairness eval --model runs/fair --data others.csv --groups gender,race', 'on other people'],
    ],
    run,
  });
}
