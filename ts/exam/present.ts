/** An exam as a table and as a chart. */
import { barChart, type Bar } from '../plots/bar-chart.js';
import { formatTable } from '../plots/table.js';
import type { ExamRow } from './exam.js';

const COLUMNS = [
  { header: 'data' },
  { header: 'detector' },
  { header: 'real', align: 'right' },
  { header: 'fake', align: 'right' },
  { header: 'accuracy %', align: 'right' },
  { header: '95 % interval', align: 'right' },
  { header: 'loss', align: 'right' },
  { header: 'AUC', align: 'right' },
] as const;

const percent = (value: number): string => (100 * value).toFixed(1);

export function examTable(rows: readonly ExamRow[], style: 'text' | 'markdown' = 'text'): string {
  const cells = rows.map(({ data, detector, report, accuracyInterval: [low, high] }) => [
    data,
    detector,
    String(report.real),
    String(report.fake),
    percent(report.accuracy),
    `${percent(low)} to ${percent(high)}`,
    report.loss.toFixed(3),
    report.auc === null ? '–' : report.auc.toFixed(3),
  ]);
  return formatTable({ columns: COLUMNS, rows: cells, style });
}

/** Accuracy per set of images, a bar each detector. */
export function examChart(rows: readonly ExamRow[]): string {
  const categories = [...new Set(rows.map(({ data }) => data))];
  const detectors = [...new Set(rows.map(({ detector }) => detector))];
  const bar = (detector: string, data: string): Bar => {
    const row = rows.find((each) => each.detector === detector && each.data === data);
    return row === undefined ? { value: null } : { value: row.report.accuracy, interval: row.accuracyInterval };
  };
  return barChart({
    title: 'Accuracy on given data and on generated images',
    subtitle: 'With 95 % score intervals',
    categories,
    series: detectors.map((name) => ({ name, bars: categories.map((data) => bar(name, data)) })),
    valueLabel: 'accuracy',
  });
}
