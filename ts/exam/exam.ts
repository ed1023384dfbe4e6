/** The exam of detectors: the data they were made for against generated images that they have never seen. */
import { basename, resolve } from 'node:path';
import { Detector } from '../detect/detector.js';
import { evaluateDetector, type DetectorEvaluation } from '../detect/evaluate.js';
import { METHOD_NAMES } from '../detect/compare/summary.js';
import type { DetectorInfo } from '../detect/detector-types.js';
import type { SetReport } from '../metrics/evaluate.js';
import { wilsonInterval } from '../metrics/wilson.js';
import { checkExamOptions, type ExamOptions, type ResolvedExamOptions } from './options.js';
import { examChart, examTable } from './present.js';
import { GENERATED_SOURCE, openExamSets, REAL_SOURCE, type ExamSet, type Left } from './sets.js';

/** One line of the table: a detector on a set of images. */
export interface ExamRow {
  /** `given data`, `real and generated`, and of the latter `generated alone` and `real alone`. */
  data: string;
  /** How the table calls the detector: by its loss, else by its folder. */
  detector: string;
  /** As it was given. */
  model: string;
  trainedWith: DetectorInfo['trainedWith'];
  report: SetReport;
  /** 95 % score interval of the accuracy (Wilson 1927). */
  accuracyInterval: readonly [number, number];
}

export interface ExamReport {
  /** By data, and within it by detector. */
  rows: readonly ExamRow[];
  /** Images and folders that could not be read, each once. */
  failures: readonly Left[];
  /** What is no part of the given data. */
  skipped: readonly Left[];
  /** As aligned text, and for Markdown. */
  table: string;
  markdown: string;
  /** Accuracies as bars: an SVG document. */
  chart: string;
}

type Examined = Omit<ExamRow, 'detector'>;

function rowOf(data: string, report: SetReport): Pick<ExamRow, 'data' | 'report' | 'accuracyInterval'> {
  const { truePositives, trueNegatives } = report.confusion;
  return { data, report, accuracyInterval: wilsonInterval(truePositives + trueNegatives, report.count) };
}

/** The whole set, and its sources where they are parts of it. */
function rowsOf(set: ExamSet, { report: { perSource, ...whole } }: DetectorEvaluation) {
  const rows = [rowOf(set.name, whole)];
  if (!set.parts) return rows;
  for (const part of [GENERATED_SOURCE, REAL_SOURCE]) {
    const found = perSource.find(({ source }) => source === part);
    if (found === undefined) continue;
    const { source: _source, aucAgainstRest: _auc, ...report } = found;
    rows.push(rowOf(`${part} alone`, report));
  }
  return rows;
}

/** By the loss where that tells the detectors apart, else by the folder; numbered where even that is the same. */
function namesOf(detectors: readonly Pick<ExamRow, 'model' | 'trainedWith'>[]): string[] {
  const methods = detectors.map(({ trainedWith }) => (trainedWith === null ? '' : METHOD_NAMES[trainedWith === 'ce' ? 'naive' : 'scl']));
  const unique = (all: readonly string[]): boolean => new Set(all).size === all.length;
  if (unique(methods) && !methods.includes('')) return methods;
  const folders = detectors.map(({ model }, i) => [basename(resolve(model)), methods[i]].filter(Boolean).join(', '));
  return unique(folders) ? folders : folders.map((name, i) => `${i + 1}: ${name}`);
}

class Exam {
  readonly #rows: Examined[][] = [];
  readonly #failures = new Map<string, string>();

  constructor(
    private readonly options: ExamOptions,
    private readonly resolved: ResolvedExamOptions,
    private readonly sets: readonly ExamSet[],
  ) {
    for (const { name, reason } of sets.flatMap(({ unread }) => unread)) this.#failures.set(name, reason);
  }

  /** One detector is in memory at a time. */
  async run(): Promise<ExamReport> {
    for (const model of this.resolved.detector) await this.#examine(model);
    const names = namesOf(this.#rows.map(([first]) => first!));
    const [first = []] = this.#rows;
    const rows = first.flatMap((_, i) => this.#rows.map((own, d): ExamRow => ({ ...own[i]!, detector: names[d]! })));
    const failures = [...this.#failures].map(([name, reason]) => ({ name, reason }));
    const skipped = this.sets.flatMap((set) => set.skipped);
    return { rows, failures, skipped, table: examTable(rows), markdown: examTable(rows, 'markdown'), chart: examChart(rows) };
  }

  async #examine(model: string): Promise<void> {
    const { device, dtype, threads, signal, onDownload } = this.options;
    const { batchSize, tta } = this.resolved;
    const detector = await Detector.load(model, { batchSize, tta, device, dtype, threads, signal, onDownload });
    try {
      const { trainedWith } = detector.info;
      const rows: Examined[] = [];
      for (const set of this.sets) {
        const evaluation = await this.#evaluate(set, model, detector);
        rows.push(...rowsOf(set, evaluation).map((row) => ({ ...row, model, trainedWith })));
      }
      this.#rows.push(rows);
    } finally {
      detector.dispose();
    }
  }

  async #evaluate({ name: set, samples }: ExamSet, model: string, detector: Detector): Promise<DetectorEvaluation> {
    const { signal, onProgress } = this.options;
    const evaluation = await evaluateDetector(detector, samples, {
      maxBadImages: this.resolved.maxBadImages,
      signal,
      onProgress: (done, total) => onProgress?.({ detector: basename(resolve(model)), set, done, total }),
    });
    for (const { name, error } of evaluation.failures) this.#failures.set(name, error.message);
    return evaluation;
  }
}

/**
 * The source paper's table: accuracy and loss of each detector on the given data and on generated images, those trained
 * with cross-entropy alone (naive) beside those with Single-Center Loss. Every detector decides by its own threshold.
 *
 * @throws TypeError, RangeError at once for wrong options
 * @returns rejects with ERR_IO, ERR_DATASET (no images, or more than maxBadImages unreadable ones), the errors of loading
 *   a detector, ERR_OUT_OF_MEMORY, or AbortError
 */
export function exam(options: ExamOptions): Promise<ExamReport> {
  const resolved = checkExamOptions(options);
  return openExamSets(resolved, options.signal).then((sets) => new Exam(options, resolved, sets).run());
}
