import { checkEach, checkFields } from '../arguments.js';
import { rocAuc, rocCurve, type RocCurve } from '../metrics/roc.js';
import { type ScoredSet } from '../metrics/scored-set.js';
import { figure, headerHeight } from './figure.js';
import { legendBox } from './legend.js';
import { line } from './marks.js';
import { linearPanel, type Panel } from './panel.js';
import { seriesColor } from './theme.js';

export interface RocSet extends ScoredSet {
  name: string;
}

export interface RocPlotOptions {
  /** Default 'ROC'. */
  title?: string;
  subtitle?: string;
  /** Data sets, in legend order. One with a single class has no curve and is named as such. */
  sets: readonly RocSet[];
}

const SIDE = 400;
const UNIT = { domain: [0, 1] as const, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1], grid: true };
// After the seven colours, dashes keep curves apart.
const DASHES = [undefined, '8 4', '2 3'];

function drawCurve(curve: RocCurve, panel: Panel, index: number): string {
  const points = Array.from(curve.fpr, (fpr, i) => [panel.x(fpr), panel.y(curve.tpr[i]!)] as const);
  const dash = dashOf(index);
  return line(points, seriesColor(index), { width: 2.2, ...(dash !== undefined && { dash }) });
}

function dashOf(index: number): string | undefined {
  return DASHES[Math.floor(index / 7) % DASHES.length];
}

function legendName(set: RocSet): string {
  const auc = rocAuc(set);
  return auc === null ? `${set.name}: one class, no AUC` : `${set.name}: AUC ${auc.toFixed(3)}`;
}

/**
 * ROC curves of one or more data sets with their AUC, and the diagonal of a coin toss.
 *
 * @returns a standalone SVG document
 * @throws TypeError for what are no sets; DeepcodeError ERR_SHAPE, ERR_NONFINITE; RangeError, as `rocCurve`
 */
export function rocPlot(options: RocPlotOptions): string {
  checkFields('options', options, { sets: 'list' });
  checkEach('options.sets', options.sets, { name: 'text', scores: 'numbers', labels: 'numbers' });
  const { title = 'ROC', subtitle, sets } = options;
  const top = headerHeight(options) + 8;
  const plot = { x: 70, y: top, width: SIDE, height: SIDE };
  const panel = linearPanel(
    plot,
    { label: 'False positive rate', ...UNIT },
    { label: 'True positive rate', ...UNIT },
  );
  const chance = line(
    [
      [panel.x(0), panel.y(0)],
      [panel.x(1), panel.y(1)],
    ],
    '#8a929c',
    { width: 1.2, dash: '4 4' },
  );
  const curves = sets.map((set, i) => {
    const curve = rocCurve(set);
    return curve === null ? '' : drawCurve(curve, panel, i);
  });
  const items = sets.map((set, i) => {
    const dash = dashOf(i);
    return { name: legendName(set), color: seriesColor(i), ...(dash !== undefined && { dash }) };
  });
  const legend = legendBox(
    [...items, { name: 'chance', color: '#8a929c', dash: '4 4' }],
    plot.x + SIDE - 10,
    top + SIDE - 10,
  );
  const size = { width: SIDE + 100, height: top + SIDE + 58 };
  return figure({ ...size, title, ...(subtitle !== undefined && { subtitle }) }, [
    panel.svg,
    chance,
    ...curves,
    legend,
  ]);
}
