import { checkEach, checkFields } from '../arguments.js';
import { figure, headerHeight } from './figure.js';
import { legendRow, type LegendItem } from './legend.js';
import { line, marker } from './marks.js';
import { linearPanel, type Panel, type Rect } from './panel.js';
import { bounds, extent, niceDomain, niceTicks, type Domain } from './scale.js';
import { textElement } from './svg.js';
import { FONT_SIZE, MUTED, seriesColor } from './theme.js';

/** One line. Values that are not finite leave a gap. */
export interface LineSeries {
  name: string;
  x: ArrayLike<number>;
  /** As many values as x. */
  y: ArrayLike<number>;
  /** Default: the palette, in order. */
  color?: string;
  /** Dashes as SVG takes them, for instance '6 4'. Default: a full line. */
  dash?: string;
  /** A dot on every value. Default false. */
  dots?: boolean;
}

export interface LinePanel {
  title?: string;
  xLabel: string;
  yLabel: string;
  series: readonly LineSeries[];
  /** Default: from the data, to round numbers. */
  yDomain?: Domain;
  /** Ticks of x on whole numbers only, as for epochs. Default false. */
  wholeX?: boolean;
  /** A vertical dashed line with a label, for instance at the best epoch. */
  mark?: { x: number; label: string };
}

export interface LineChartOptions {
  title: string;
  subtitle?: string;
  /**
   * One or more plots side by side. Series of the same name share one legend entry and one colour.
   */
  panels: readonly LinePanel[];
  /** Pixels. Default 480 a panel. */
  width?: number;
  /** Pixels. Default 400. */
  height?: number;
}

function checkOptions(options: LineChartOptions): void {
  checkFields('options', options, { title: 'text', panels: 'list' });
  checkEach('options.panels', options.panels, { xLabel: 'text', yLabel: 'text', series: 'list' });
  options.panels.forEach(({ series }, i) => {
    checkEach(`options.panels[${i}].series`, series, { name: 'text', x: 'numbers', y: 'numbers' });
  });
}

type Colors = ReadonlyMap<string, LegendItem>;

function legendItems(panels: readonly LinePanel[]): Colors {
  const items = new Map<string, LegendItem>();
  for (const { name, color, dash } of panels.flatMap((panel) => panel.series)) {
    if (items.has(name)) continue;
    items.set(name, {
      name,
      color: color ?? seriesColor(items.size),
      ...(dash !== undefined && { dash }),
    });
  }
  return items;
}

function drawSeries(series: LineSeries, panel: Panel, item: LegendItem): string {
  const points = Array.from(series.y, (y, i) => [panel.x(series.x[i]!), panel.y(y)] as const);
  const options = item.dash === undefined ? {} : { dash: item.dash };
  // A single value makes no line: it is shown as a dot whatever was asked for.
  const dots =
    series.dots === true || points.length === 1
      ? points.filter((p) => p.every(Number.isFinite))
      : [];
  return (
    line(points, item.color, options) +
    dots.map(([x, y]) => marker('circle', x, y, 3.5, item.color)).join('')
  );
}

function xDomain(panel: LinePanel): Domain {
  const values = panel.series.flatMap((series) => Array.from(series.x));
  if (panel.wholeX !== true) return extent(values);
  const [low, high] = bounds(values);
  // Room on both sides keeps the dots of the first and the last epoch off the axes.
  const room = Math.min(0.4, 0.03 * (high - low) + 0.1);
  return [low - room, high + room];
}

function drawMark({ mark }: LinePanel, { plot, x }: Panel): string {
  if (mark === undefined) return '';
  const at = x(mark.x);
  const text = {
    x: at,
    y: plot.y - 5,
    'text-anchor': 'middle',
    'font-size': FONT_SIZE.note,
    fill: MUTED,
  };
  const upright = [
    [at, plot.y],
    [at, plot.y + plot.height],
  ] as const;
  return line(upright, '#8a929c', { width: 1.2, dash: '3 3' }) + textElement(mark.label, text);
}

function drawPanel(spec: LinePanel, plot: Rect, colors: Colors): string {
  const domainX = xDomain(spec);
  const domainY =
    spec.yDomain ?? niceDomain(extent(spec.series.flatMap((series) => Array.from(series.y))));
  const ticksX = niceTicks(domainX, 6, spec.wholeX === true ? 1 : 0);
  const axisX = { label: spec.xLabel, domain: domainX, ticks: ticksX };
  const panel = linearPanel(plot, axisX, { label: spec.yLabel, domain: domainY }, spec.title);
  return [
    panel.svg,
    drawMark(spec, panel),
    ...spec.series.map((series) => drawSeries(series, panel, colors.get(series.name)!)),
  ].join('');
}

/**
 * Lines over a common x, in one or more panels with one legend.
 *
 * @returns a standalone SVG document
 * @throws TypeError for what is no such chart; DeepcodeError ERR_SHAPE when a panel has no finite value
 */
export function lineChart(options: LineChartOptions): string {
  checkOptions(options);
  const { title, subtitle, panels, width = 480 * panels.length, height = 400 } = options;
  const colors = legendItems(panels);
  const top = headerHeight(options);
  const legend = legendRow([...colors.values()], 22, top + 6, width - 40);
  const slot = width / panels.length;
  const panelTop =
    top + legend.height + (panels.some((panel) => panel.title !== undefined) ? 26 : 10);
  const drawn = panels.map((panel, i) => {
    const plot = {
      x: i * slot + 66,
      y: panelTop,
      width: slot - 90,
      height: height - panelTop - 56,
    };
    return drawPanel(panel, plot, colors);
  });
  return figure({ width, height, title, ...(subtitle !== undefined && { subtitle }) }, [
    legend.svg,
    ...drawn,
  ]);
}
