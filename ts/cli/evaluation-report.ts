/** The files and tables of `deepcode eval`. */
import type { DetectorEvaluation } from '../detect/evaluate.js';
import { bootstrapInterval } from '../metrics/bootstrap.js';
import { reliabilityBins } from '../metrics/calibration.js';
import { rocAuc } from '../metrics/roc.js';
import {
  barChart,
  evaluationTable,
  reliabilityDiagram,
  rocPlot,
  type Bar,
  type EvaluationRow,
} from '../plots/index.js';

export type Domain = 'within' | 'cross';

/** One evaluated data set. */
export interface EvaluatedSet {
  name: string;
  domain: Domain | undefined;
  evaluation: DetectorEvaluation;
}

/** 95 % bootstrap interval of the set's AUC; null with one class only. */
function aucInterval({ evaluation }: EvaluatedSet): readonly [number, number] | null {
  const interval = bootstrapInterval(evaluation.images, rocAuc);
  return interval && [interval.lower, interval.upper];
}

/** The table of all sets. */
export function setsTable(
  sets: readonly EvaluatedSet[],
  style: 'text' | 'markdown' = 'text',
): string {
  const rows = sets.map(({ name, domain, evaluation }): EvaluationRow => ({
    name,
    domain,
    report: evaluation.report,
  }));
  return evaluationTable(rows, style);
}

/** The table of one set's sources; undefined where there is only one. */
export function sourcesTable(
  { evaluation }: EvaluatedSet,
  style: 'text' | 'markdown' = 'text',
): string | undefined {
  const { perSource } = evaluation.report;
  if (perSource.length < 2) return undefined;
  const rows = perSource.map((report): EvaluationRow => ({
    name: report.source,
    report,
    aucAgainstRest: report.aucAgainstRest,
  }));
  return evaluationTable(rows, style);
}

/** What brackets in the table of sources mean, where there are some. */
export function bracketsText({ evaluation }: EvaluatedSet): string {
  const some = evaluation.report.perSource.some(({ aucAgainstRest }) => aucAgainstRest);
  return some ? ' (AUC in brackets: a source of one class against all images of the other)' : '';
}

/** One JSON object: the report with the interval of its AUC, and names. */
export function setJson(set: EvaluatedSet): object {
  const { name, domain, evaluation } = set;
  const failed = evaluation.failures.map((failure) => failure.name);
  return {
    data: name,
    ...(domain && { domain }),
    ...evaluation.report,
    aucInterval: aucInterval(set),
    failed,
  };
}

function markdown(sets: readonly EvaluatedSet[]): string {
  const parts = sets.flatMap((set) => {
    const table = sourcesTable(set, 'markdown');
    return table === undefined ? [] : [`## ${set.name}, by source${bracketsText(set)}\n\n${table}\n`];
  });
  return [`# Evaluation\n\n${setsTable(sets, 'markdown')}\n`, ...parts].join('\n');
}

function aucBar(set: EvaluatedSet): Bar {
  const interval = aucInterval(set);
  return { value: set.evaluation.report.auc, ...(interval && { interval }) };
}

function aucChart(sets: readonly EvaluatedSet[]): string {
  return barChart({
    title: 'AUC per data set',
    subtitle: 'With 95 % bootstrap intervals',
    categories: sets.map(({ name, domain }) => (domain ? `${name} (${domain})` : name)),
    series: [{ name: 'AUC', bars: sets.map(aucBar) }],
    valueLabel: 'AUC',
    reference: { value: 0.5, label: 'chance' },
  });
}

/** evaluation.json, evaluation.md, auc.svg, roc.svg and calibration.svg, and what is in them. */
export function evaluationFiles(sets: readonly EvaluatedSet[]): Record<string, string> {
  const images = sets.map(({ name, evaluation }) => ({ name, ...evaluation.images }));
  const curves = images.map((set) => ({
    name: set.name,
    bins: reliabilityBins(set, { variant: 'positive' }),
  }));
  return {
    'evaluation.json': `${JSON.stringify(sets.map(setJson), null, 2)}\n`,
    'evaluation.md': markdown(sets),
    'auc.svg': aucChart(sets),
    'roc.svg': rocPlot({ sets: images }),
    'calibration.svg': reliabilityDiagram({ curves }),
  };
}
