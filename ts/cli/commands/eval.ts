/** `deepcode eval`: how well does a detector do on labelled data? */
import type { Detector } from '../../detect/detector.js';
import { EVALUATE_OPTIONS, evaluateDetector, THRESHOLD } from '../../detect/evaluate.js';
import {
  checkOption,
  choice,
  flag,
  list,
  text,
  type Resolved,
  type RUNTIME_OPTIONS,
} from '../../options.js';
import { defineCommand, type Program, type Session } from '../define-command.js';
import { DETECTOR_FLAGS, loadDetector } from '../detector-flags.js';
import {
  bracketsText,
  evaluationFiles,
  setJson,
  setsTable,
  sourcesTable,
  type EvaluatedSet,
} from '../evaluation-report.js';
import { domainOf, openSets, type NamedSet } from '../evaluation-sets.js';
import { EXIT, UsageError, type ExitCode } from '../exit-codes.js';
import { printable } from '../output.js';
import { Pace } from '../progress-text.js';
import { makeReportFolder, writeReport } from '../report-folder.js';

const OPTIONS = {
  ...DETECTOR_FLAGS,
  ...EVALUATE_OPTIONS,
  data: list({ placeholder: 'DIR', help: 'data set: folder with real/ and fake/, CSV or JSON' }),
  split: choice({
    choices: ['test', 'valid', 'train', 'all'],
    default: 'test',
    help: 'which images of a data set that is split',
  }),
  threshold: text({
    placeholder: 'SCORE',
    help: "score from which on an image counts as fake, 0 to 1 (default: the detector's own)",
  }),
  within: list({
    placeholder: 'NAME',
    help: 'data set that counts as within the training domain, besides those that the detector names',
  }),
  out: text({
    placeholder: 'DIR',
    help: 'write the report there: JSON, Markdown, and charts of AUC, ROC and calibration (SVG)',
  }),
  json: flag({ help: 'print one JSON object a data set' }),
} as const;

type Options = Resolved<typeof OPTIONS & typeof RUNTIME_OPTIONS>;

function parseThreshold(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  return checkOption('--threshold', THRESHOLD, given.trim() === '' ? NaN : Number(given)) as number;
}

async function evaluateSet(
  set: NamedSet,
  detector: Detector,
  options: Options,
  { output, signal }: Session,
): Promise<EvaluatedSet> {
  const pace = new Pace(set.samples.length);
  const evaluation = await evaluateDetector(detector, set.samples, {
    signal,
    threshold: parseThreshold(options.threshold),
    maxBadImages: options.maxBadImages,
    onProgress: () => output.progress(`${set.name}: ${pace.step()}`),
  });
  output.endProgress();
  for (const { name, error } of evaluation.failures)
    output.note(`${printable(name)}: ${error.message}`, 'yellow');
  for (const { where, reason } of set.dataset.skipped)
    output.note(`${printable(where)}: ${reason}`, 'yellow');
  const trainedOn = [...detector.info.trainedOn.map(({ name }) => name), ...options.within];
  const domain = domainOf(set, trainedOn);
  if (domain === 'within' && set.dataset.splits.length === 0) {
    const note = 'is within the training domain and not split: the detector may have been trained on these very images.';
    output.note(`${printable(set.name)} ${note}`, 'yellow');
  }
  return { name: set.name, domain, evaluation };
}

async function print(sets: readonly EvaluatedSet[], { output }: Session): Promise<void> {
  await output.result(setsTable(sets));
  for (const set of sets) {
    const table = sourcesTable(set);
    if (table !== undefined)
      await output.result(`\n${output.paint('bold', `${set.name}, by source`)}${bracketsText(set)}\n${table}`);
  }
  for (const { name, evaluation } of sets) {
    const { truePositives, falsePositives, trueNegatives, falseNegatives } =
      evaluation.report.confusion;
    await output.result(
      `\n${output.paint('bold', name)}: threshold ${evaluation.report.threshold.toFixed(3)}; ` +
        `fakes found ${truePositives}, missed ${falseNegatives}; real photos cleared ${trueNegatives}, accused ${falsePositives}`,
    );
  }
}

async function run(
  _args: readonly string[],
  options: Options,
  session: Session,
): Promise<ExitCode> {
  parseThreshold(options.threshold);
  if (options.data.length === 0) throw new UsageError('--data must be given.');
  const sets = await openSets(options.data, options.split, { signal: session.signal });
  if (options.out !== undefined) await makeReportFolder(options.out);
  const detector = await loadDetector(options, session);
  const evaluated: EvaluatedSet[] = [];
  try {
    for (const set of sets) {
      evaluated.push(await evaluateSet(set, detector, options, session));
      if (options.json) await session.output.json(setJson(evaluated.at(-1)!));
    }
  } finally {
    detector.dispose();
  }
  if (!options.json) await print(evaluated, session);
  if (options.out !== undefined) {
    const files = await writeReport(options.out, evaluationFiles(evaluated));
    session.output.note(`Wrote ${files.map((file) => printable(file)).join(', ')}`);
  }
  const failed = evaluated.some(({ evaluation }) => evaluation.failures.length > 0);
  return failed ? EXIT.failed : EXIT.ok;
}

export function register(program: Program): void {
  defineCommand(program, {
    name: 'eval',
    summary: 'measure a detector on labelled data',
    description:
      'Accuracy, loss, ROC AUC, average precision, equal error rate, TPR and FPR at the threshold, calibration error ' +
      'and confusion matrix; for each data set and, within it, for each source. Several data sets give the ' +
      'table of results within and across domains. One threshold decides here; there is no unsure.\n' +
      'Exit code: 0 all well, 1 some images failed, 2 wrong usage, 130 interrupted.',
    options: OPTIONS,
    examples: [
      ['deepcode eval --data faces', 'the detector that ships with the package, on the test split'],
      [
        'deepcode eval --model runs/a --data faces --data other-faces --out report',
        'within and across, with charts',
      ],
    ],
    run,
  });
}
