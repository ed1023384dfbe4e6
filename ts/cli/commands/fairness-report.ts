/** `deepcode fairness report`: error rates per group of people, and the figures that compare them. */
import type { Detector } from '../../detect/detector.js';
import { EVALUATE_OPTIONS } from '../../detect/evaluate.js';
import { DATASET_OPTIONS } from '../../data/datasets/open-dataset.js';
import { datasetNotes } from '../../fairness/data-notes.js';
import { evaluateFairness, type FairnessEvaluation } from '../../fairness/evaluate.js';
import { FAIRNESS_OPTIONS, fairnessSettings } from '../../fairness/options.js';
import { figuresTable, groupsTable, headline, thresholdText } from '../../fairness/report/tables.js';
import { choice, flag, text, type Resolved, type RUNTIME_OPTIONS } from '../../options.js';
import { defineCommand, type Program, type Session } from '../define-command.js';
import { DETECTOR_FLAGS, loadDetector } from '../detector-flags.js';
import { openSets, type NamedSet } from '../evaluation-sets.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { fairnessFiles } from '../fairness-files.js';
import { printable } from '../output.js';
import { Pace } from '../progress-text.js';
import { makeReportFolder, writeReport } from '../report-folder.js';

const OPTIONS = {
  ...DETECTOR_FLAGS,
  data: text({ placeholder: 'DIR', help: 'data set whose tables say who is shown: a CSV, or a folder of CSVs' }),
  ...FAIRNESS_OPTIONS,
  split: choice({
    choices: ['test', 'valid', 'train', 'all'],
    default: 'test',
    help: 'which images of a data set that is split',
  }),
  label: choice({
    choices: ['column', 'real', 'fake'],
    default: 'column',
    help: 'where the class of an image stands; real and fake are for a table without labels',
  }),
  ...DATASET_OPTIONS,
  ...EVALUATE_OPTIONS,
  out: text({ placeholder: 'DIR', help: 'write fairness.json, fairness.md and fairness.html (charts) there' }),
  json: flag({ help: 'print the report as one JSON object' }),
} as const;

/** For readers, where --model is not given. */
const DEFAULT_MODEL = 'the detector of the package';

type Options = Resolved<typeof OPTIONS & typeof RUNTIME_OPTIONS> & { data: string };

export type EvaluatedGroups = FairnessEvaluation;
type EvaluationFlags = Resolved<typeof FAIRNESS_OPTIONS & typeof EVALUATE_OPTIONS> & { model?: string | undefined };

/** Scores a data set and reports on its groups; what cannot be read is noted. */
export async function evaluateGroups(
  set: NamedSet,
  detector: Detector,
  options: EvaluationFlags,
  session: Session,
): Promise<EvaluatedGroups> {
  const { output, signal } = session;
  const pace = new Pace(set.samples.length);
  const evaluation = await evaluateFairness(detector, set.samples, {
    ...options,
    signal,
    data: set.name,
    model: options.model ?? DEFAULT_MODEL,
    notes: datasetNotes(set.dataset),
    onProgress: () => output.progress(`${set.name}: ${pace.step()}`),
  });
  output.endProgress();
  for (const { name, error } of evaluation.failures) output.note(`${printable(name)}: ${error.message}`, 'yellow');
  return evaluation;
}

export async function printGroups({ report }: Pick<EvaluatedGroups, 'report'>, { output }: Session): Promise<void> {
  const { families, overall, notes } = report;
  await output.result(`${output.paint('bold', printable(headline(report)))}\nThreshold: ${thresholdText(report)}\n`);
  await output.result(groupsTable([overall]));
  for (const family of families) {
    await output.result(`\n${output.paint('bold', printable(family.name))}\n${groupsTable(family.groups)}`);
  }
  await output.result(`\n${output.paint('bold', 'Figures (0 is fair)')}\n${figuresTable(families)}`);
  if (notes.length > 0) await output.result(`\n${notes.map((note) => `- ${printable(note)}`).join('\n')}`);
}

async function run(_args: readonly string[], options: Options, session: Session): Promise<ExitCode> {
  fairnessSettings(options);
  const label = options.label === 'column' ? undefined : options.label;
  const { maxSkipped } = options;
  const [set] = await openSets([options.data], options.split, { label, maxSkipped, signal: session.signal });
  for (const { where, reason } of set!.dataset.skipped) session.output.note(`${printable(where)}: ${reason}`, 'yellow');
  if (options.out !== undefined) await makeReportFolder(options.out);
  const detector = await loadDetector(options, session);
  let evaluation: FairnessEvaluation;
  try {
    evaluation = await evaluateGroups(set!, detector, options, session);
  } finally {
    detector.dispose();
  }
  await (options.json ? session.output.json(evaluation.report) : printGroups(evaluation, session));
  if (options.out !== undefined) {
    const files = await writeReport(options.out, fairnessFiles(evaluation.report));
    session.output.note(`Wrote ${files.map((file) => printable(file)).join(', ')}`);
  }
  return evaluation.failures.length > 0 ? EXIT.failed : EXIT.ok;
}

export function register(program: Program): void {
  defineCommand(program, {
    name: 'report',
    summary: 'error rates per group of people, and figures that compare them',
    description:
      'Accuracy, AUC, TPR and FPR with bootstrap intervals for every group and intersection that the data set names, ' +
      'and figures over them: F_FPR (gap: largest minus smallest FPR; sum: of deviations from the overall FPR), F_MEO ' +
      '(largest gap of TPR, FPR, TNR, FNR), F_DP (of the share called fake or real), F_OAE (of accuracy) and equalised ' +
      'odds; groups too small to judge are named.\n' +
      'Intervals draw images, or whole persons where a table has a column identity (or subject, or person).\n' +
      'Reads tables with a column gender (or sex), race (or ethnicity), age or skin_tone; with img_path, label, ismale, ' +
      'isasian, iswhite, isblack and intersec_label; and those of AI-Face.\n' +
      'Exit code: 0 all well, 1 some images failed, 2 wrong usage, 130 interrupted.',
    options: OPTIONS,
    required: ['data'],
    examples: [
      ['deepcode fairness report --data people/labels.csv --out report', 'all attributes, with charts'],
      [
        'deepcode fairness report --model runs/a --data people --groups gender,race --threshold fpr:0.05',
        'at the threshold that accuses 5 % of all real photos',
      ],
      ['deepcode fairness report --data real-people.csv --label real', 'real photos only: FPR'],
    ],
    run,
  });
}
