import { linearScale, niceTicks, tickFormat, type Domain, type Scale } from './scale.js';
import { coordinate, element, polylinePath, textElement } from './svg.js';
import { FONT_SIZE, GRID, INK, MUTED, textWidth } from './theme.js';

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Axis {
  label: string;
  domain: Domain;
  /** Default: about five round numbers. */
  ticks?: readonly number[];
  /** Default: as many decimals as the ticks need. */
  format?: (value: number) => string;
  /** Lines across the plot at the ticks. Default true for y, false for x. */
  grid?: boolean;
}

export interface Panel {
  plot: Rect;
  x: Scale;
  y: Scale;
  /** Grid, axes, ticks and labels: draw this first. */
  svg: string;
}

interface DrawnAxis {
  axis: Axis;
  scale: Scale;
  plot: Rect;
}

const TICK_LENGTH = 5;

function prepared(axis: Axis): Required<Axis> {
  const ticks = axis.ticks ?? niceTicks(axis.domain);
  return { grid: false, format: tickFormat(ticks), ...axis, ticks };
}

function xAxis({ axis, scale, plot }: DrawnAxis): string {
  const { ticks, format, grid, label } = prepared(axis);
  const bottom = plot.y + plot.height;
  const marks = ticks.map((tick) => {
    const x = scale(tick);
    const text = {
      x,
      y: bottom + TICK_LENGTH + 14,
      'text-anchor': 'middle',
      'font-size': FONT_SIZE.tick,
      fill: MUTED,
    };
    const line = element('path', {
      d: polylinePath([
        [x, bottom],
        [x, bottom + TICK_LENGTH],
      ]),
      stroke: INK,
    });
    const across = grid
      ? element('path', {
          d: polylinePath([
            [x, plot.y],
            [x, bottom],
          ]),
          stroke: GRID,
        })
      : '';
    return across + line + textElement(format(tick), text);
  });
  const at = {
    x: plot.x + plot.width / 2,
    y: bottom + 42,
    'text-anchor': 'middle',
    'font-size': FONT_SIZE.label,
    fill: INK,
  };
  return marks.join('') + textElement(label, at);
}

function yAxis({ axis, scale, plot }: DrawnAxis): string {
  const { ticks, format, grid, label } = prepared({ grid: true, ...axis });
  const right = plot.x + plot.width;
  const marks = ticks.map((tick) => {
    const y = scale(tick);
    const text = {
      x: plot.x - TICK_LENGTH - 4,
      y: y + 4,
      'text-anchor': 'end',
      'font-size': FONT_SIZE.tick,
      fill: MUTED,
    };
    const line = element('path', {
      d: polylinePath([
        [plot.x - TICK_LENGTH, y],
        [plot.x, y],
      ]),
      stroke: INK,
    });
    const across = grid
      ? element('path', {
          d: polylinePath([
            [plot.x, y],
            [right, y],
          ]),
          stroke: GRID,
        })
      : '';
    return across + line + textElement(format(tick), text);
  });
  const widest = Math.max(26, ...ticks.map((tick) => textWidth(format(tick), FONT_SIZE.tick)));
  const x = Math.max(plot.x - TICK_LENGTH - 12 - widest, 14);
  const y = plot.y + plot.height / 2;
  const turned = `rotate(-90 ${coordinate(x)} ${coordinate(y)})`;
  const at = {
    x,
    y,
    transform: turned,
    'text-anchor': 'middle',
    'font-size': FONT_SIZE.label,
    fill: INK,
  };
  return marks.join('') + textElement(label, at);
}

/** Two linear axes around a plot area, which needs 60 px on its left and 50 px below. */
export function linearPanel(plot: Rect, x: Axis, y: Axis, title = ''): Panel {
  const scaleX = linearScale(x.domain, plot.x, plot.x + plot.width);
  const scaleY = linearScale(y.domain, plot.y + plot.height, plot.y);
  const bottom = plot.y + plot.height;
  const corner = polylinePath([
    [plot.x, plot.y],
    [plot.x, bottom],
    [plot.x + plot.width, bottom],
  ]);
  const heading = {
    x: plot.x,
    y: plot.y - 12,
    'font-size': FONT_SIZE.panelTitle,
    'font-weight': 600,
    fill: INK,
  };
  const svg = [
    yAxis({ axis: y, scale: scaleY, plot }),
    xAxis({ axis: x, scale: scaleX, plot }),
    element('path', { d: corner, fill: 'none', stroke: INK, 'stroke-width': 1.2 }),
    title === '' ? '' : textElement(title, heading),
  ].join('');
  return { plot, x: scaleX, y: scaleY, svg };
}
