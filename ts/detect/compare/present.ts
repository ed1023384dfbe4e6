/** The comparison as a table, a bar chart and a picture of the features. */
import { barChart, type Bar } from '../../plots/bar-chart.js';
import { fitPca, projectPca } from '../../plots/pca.js';
import { scatterPlot, type Point2d, type ScatterPanel } from '../../plots/scatter-plot.js';
import { formatTable } from '../../plots/table.js';
import { FAKE_COLOR, REAL_COLOR } from '../../plots/theme.js';
import type { ScoredSamples } from '../train/validation.js';
import { METHOD_NAMES, METHODS, type Comparison, type Method, type Spread } from './summary.js';

/** More points than this hide each other and make a picture of many megabytes. */
const MAX_POINTS = 1000;

function figureText(value: Spread | null, seeds: number, scale = 1, digits = 3): string {
  if (value === null) return '–';
  const mean = (scale * value.mean).toFixed(digits);
  return seeds > 1 ? `${mean} ± ${(scale * value.deviation).toFixed(digits)}` : mean;
}

/** @param seeds number of runs behind each figure; with several, the standard deviation is shown */
export function comparisonTable(
  rows: readonly Comparison[],
  seeds: number,
  style: 'text' | 'markdown' = 'text',
): string {
  const columns = [
    { header: 'data' },
    { header: 'domain' },
    { header: 'loss function' },
    { header: 'images', align: 'right' },
    { header: 'accuracy %', align: 'right' },
    { header: 'loss', align: 'right' },
    { header: 'AUC', align: 'right' },
  ] as const;
  const cells = rows.map(({ data, domain, method, count, accuracy, loss, auc }) => [
    data,
    domain,
    METHOD_NAMES[method],
    String(count),
    figureText(accuracy, seeds, 100, 1),
    figureText(loss, seeds),
    figureText(auc, seeds),
  ]);
  return formatTable({ columns, rows: cells, style });
}

/** AUC per data set, a bar each method; whiskers reach from the worst seed to the best. */
export function comparisonBars(rows: readonly Comparison[], seeds: number): string {
  const categories = [...new Set(rows.map(({ data }) => data))];
  const bar = (method: Method, data: string): Bar => {
    const auc = rows.find((row) => row.method === method && row.data === data)?.auc ?? null;
    if (auc === null) return { value: null };
    return { value: auc.mean, ...(seeds > 1 && { interval: [auc.min, auc.max] as const }) };
  };
  return barChart({
    title: 'Naive against Single-Center Loss',
    subtitle: seeds > 1 ? `Mean of ${seeds} seeds; whiskers from the lowest to the highest` : 'One seed',
    categories,
    series: METHODS.map((method) => ({
      name: METHOD_NAMES[method],
      bars: categories.map((data) => bar(method, data)),
    })),
    valueLabel: 'AUC',
    reference: { value: 0.5, label: 'chance' },
  });
}

/** Features of one run, and where its real ones gather. */
export interface FeatureSet extends Pick<ScoredSamples, 'features' | 'labels'> {
  method: Method;
  /** The learnt centre; null without SCL: the mean of the real features is marked instead. */
  center: readonly number[] | null;
}

function meanOfReal(features: Float32Array, labels: Uint8Array, dimensions: number): number[] {
  const mean = new Array<number>(dimensions).fill(0);
  const reals = labels.reduce((sum, label) => sum + Number(label === 0), 0);
  labels.forEach((label, i) => {
    if (label === 1) return;
    for (let d = 0; d < dimensions; d++) mean[d]! += features[i * dimensions + d]! / reals;
  });
  return mean;
}

function featurePanel({ method, features, labels, center }: FeatureSet): ScatterPanel {
  const dimensions = features.length / labels.length;
  const pca = fitPca(features, dimensions);
  const points = projectPca(pca, features);
  const stride = Math.ceil(points.length / MAX_POINTS);
  const group = (label: number): Point2d[] =>
    points.filter((_, i) => labels[i] === label && i % stride === 0);
  const [point] = projectPca(pca, center ?? meanOfReal(features, labels, dimensions));
  return {
    title: METHOD_NAMES[method],
    xLabel: 'first component',
    yLabel: 'second component',
    groups: [
      { name: 'real', points: group(0), color: REAL_COLOR },
      { name: 'fake', points: group(1), color: FAKE_COLOR },
    ],
    centre: { name: center ? 'learnt centre' : 'mean of real', point: point! },
  };
}

/**
 * Both runs' features side by side. Each panel has principal components of its own: the two networks' features
 * share no axes, so that one basis for both would show neither.
 */
export function featurePlot(sets: readonly FeatureSet[], data: string): string {
  return scatterPlot({
    title: 'Features without and with Single-Center Loss',
    subtitle: `${data}; principal components fitted to each run on its own`,
    panels: sets.map(featurePanel),
  });
}
