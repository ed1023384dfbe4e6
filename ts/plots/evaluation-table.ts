import { checkEach } from '../arguments.js';
import { type SetReport } from '../metrics/evaluate.js';
import { formatTable, type TableColumn } from './table.js';

/** One line of the table: a data set, a source folder, or a model on a data set. */
export interface EvaluationRow {
  name: string;
  /** 'within' the training domain or 'cross'; the column is left out where no row has one. */
  domain?: string;
  report: SetReport;
  /** Shown in place of a missing AUC, for a source of one class (`SourceReport.aucAgainstRest`). */
  aucAgainstRest?: number | null;
}

function decimals(value: number | null, digits = 3): string {
  return value === null ? '–' : value.toFixed(digits);
}

function percent(value: number | null): string {
  return value === null ? '–' : `${(100 * value).toFixed(1)} %`;
}

function aucCell({ report, aucAgainstRest }: EvaluationRow): string {
  if (report.auc !== null || aucAgainstRest == null) return decimals(report.auc);
  return `(${decimals(aucAgainstRest)})`;
}

const COLUMNS: [header: string, cell: (row: EvaluationRow) => string][] = [
  ['real', ({ report }) => String(report.real)],
  ['fake', ({ report }) => String(report.fake)],
  ['accuracy', ({ report }) => percent(report.accuracy)],
  ['loss', ({ report }) => decimals(report.loss)],
  ['AUC', aucCell],
  ['AP', ({ report }) => decimals(report.averagePrecision)],
  ['EER', ({ report }) => percent(report.eer)],
  ['TPR', ({ report }) => percent(report.tpr)],
  ['FPR', ({ report }) => percent(report.fpr)],
  ['ECE', ({ report }) => decimals(report.ece)],
];

/**
 * The within-/cross-domain table of `deepcode eval`: one line a data set or source. "–" stands for
 * a metric that is not defined on the set; an AUC in brackets is that of one class's folder against
 * all samples of the other class.
 *
 * @param style default 'text'
 * @throws TypeError for what are no rows
 */
export function evaluationTable(
  rows: readonly EvaluationRow[],
  style: 'text' | 'markdown' = 'text',
): string {
  checkEach('rows', rows, { name: 'text', report: 'object' });
  const withDomain = rows.some((row) => row.domain !== undefined);
  const names: TableColumn[] = [{ header: 'data' }, ...(withDomain ? [{ header: 'domain' }] : [])];
  const columns = [...names, ...COLUMNS.map(([header]) => ({ header, align: 'right' as const }))];
  const cells = rows.map((row) => [
    row.name,
    ...(withDomain ? [row.domain ?? ''] : []),
    ...COLUMNS.map(([, cell]) => cell(row)),
  ]);
  return formatTable({ columns, rows: cells, style });
}
