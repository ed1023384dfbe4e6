import { checkEach, checkKind } from '../arguments.js';
import { lineChart, type LineSeries } from './line-chart.js';
import { FAKE_COLOR, REAL_COLOR } from './theme.js';

/**
 * What `metrics.jsonl` holds about one epoch. A value that was not measured is null or left out.
 */
export interface EpochMetrics {
  /** 1 for the first epoch. */
  epoch: number;
  trainLoss?: number | null;
  valLoss?: number | null;
  /** 0 to 1. */
  trainAccuracy?: number | null;
  /** 0 to 1. */
  valAccuracy?: number | null;
}

export interface TrainingCurvesOptions {
  /** Default 'Training'. */
  title?: string;
  subtitle?: string;
  /** Marked with a dashed line in both panels. */
  bestEpoch?: number;
}

type Measure = Exclude<keyof EpochMetrics, 'epoch'>;

function series(epochs: readonly EpochMetrics[], name: string, measure: Measure): LineSeries[] {
  const y = epochs.map((epoch) => epoch[measure] ?? NaN);
  if (!y.some(Number.isFinite)) return [];
  const color = name === 'training' ? REAL_COLOR : FAKE_COLOR;
  return [{ name, x: epochs.map((epoch) => epoch.epoch), y, color, dots: epochs.length <= 40 }];
}

/**
 * `curves.svg` of a run: loss and accuracy per epoch, training and validation.
 *
 * @param epochs one entry an epoch, ascending; an interrupted run may have only one
 * @throws TypeError for what are no epochs; DeepcodeError ERR_SHAPE when there is no finite loss and no finite accuracy
 */
export function trainingCurves(
  epochs: readonly EpochMetrics[],
  options: TrainingCurvesOptions = {},
): string {
  checkEach('epochs', epochs, { epoch: 'number' });
  checkKind('options', 'object', options);
  const { title = 'Training', subtitle, bestEpoch } = options;
  const mark = bestEpoch === undefined ? {} : { mark: { x: bestEpoch, label: 'best' } };
  const common = { xLabel: 'Epoch', wholeX: true, ...mark };
  const loss = [
    ...series(epochs, 'training', 'trainLoss'),
    ...series(epochs, 'validation', 'valLoss'),
  ];
  const accuracy = [
    ...series(epochs, 'training', 'trainAccuracy'),
    ...series(epochs, 'validation', 'valAccuracy'),
  ];
  const panels = [
    { ...common, title: 'Loss', yLabel: 'Loss', series: loss },
    { ...common, title: 'Accuracy', yLabel: 'Accuracy', series: accuracy },
  ];
  const filled = panels.filter((panel) => panel.series.length > 0);
  return lineChart({
    title,
    panels: filled.length > 0 ? filled : panels,
    ...(subtitle !== undefined && { subtitle }),
  });
}
