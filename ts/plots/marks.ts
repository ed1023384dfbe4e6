import { element, polylinePath, type Attributes } from './svg.js';
import { BACKGROUND } from './theme.js';

export type MarkerShape = 'circle' | 'triangle' | 'square' | 'star';

type Point = readonly [number, number];

function triangle(x: number, y: number, r: number): Point[] {
  return [
    [x, y - 1.15 * r],
    [x + r, y + 0.75 * r],
    [x - r, y + 0.75 * r],
  ];
}

function star(x: number, y: number, r: number): Point[] {
  return Array.from({ length: 10 }, (_, i) => {
    const radius = i % 2 === 0 ? r : 0.45 * r;
    const angle = (Math.PI * i) / 5 - Math.PI / 2;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)] as const;
  });
}

/** Fill and the thin white edge that keeps neighbouring markers apart. */
export function markerStyle(shape: MarkerShape, color: string, opacity = 1): Attributes {
  const edge = { stroke: BACKGROUND, 'stroke-width': shape === 'star' ? 1.5 : 0.6 };
  return { fill: color, 'fill-opacity': opacity === 1 ? undefined : opacity, ...edge };
}

/** The outline of a marker; it takes its style from `style` or from the group around it. */
export function markerShape(
  shape: MarkerShape,
  x: number,
  y: number,
  r: number,
  style: Attributes = {},
): string {
  if (shape === 'circle') return element('circle', { cx: x, cy: y, r, ...style });
  if (shape === 'square') {
    return element('rect', {
      x: x - 0.9 * r,
      y: y - 0.9 * r,
      width: 1.8 * r,
      height: 1.8 * r,
      ...style,
    });
  }
  const points = shape === 'triangle' ? triangle(x, y, r) : star(x, y, r);
  return element('path', { d: `${polylinePath(points)}Z`, ...style });
}

/** One marker on its own. */
export function marker(
  shape: MarkerShape,
  x: number,
  y: number,
  radius: number,
  color: string,
): string {
  return markerShape(shape, x, y, radius, markerStyle(shape, color));
}

/** A line through points; a point that is not finite interrupts it. */
export function line(
  points: readonly Point[],
  color: string,
  options: { width?: number; dash?: string } = {},
): string {
  const pieces: Point[][] = [[]];
  for (const point of points) {
    if (point.every(Number.isFinite)) pieces.at(-1)!.push(point);
    else if (pieces.at(-1)!.length > 0) pieces.push([]);
  }
  const d = pieces.map(polylinePath).join('');
  if (d === '') return '';
  return element('path', {
    d,
    fill: 'none',
    stroke: color,
    'stroke-width': options.width ?? 2,
    'stroke-dasharray': options.dash,
    'stroke-linejoin': 'round',
    'stroke-linecap': options.dash === undefined ? 'round' : 'butt',
  });
}

/** A filled polygon down to a base line. */
export function area(
  points: readonly Point[],
  baseY: number,
  color: string,
  opacity: number,
): string {
  const [first, last] = [points[0]!, points.at(-1)!];
  const d = `${polylinePath([[first[0], baseY], ...points, [last[0], baseY]])}Z`;
  return element('path', { d, fill: color, 'fill-opacity': opacity });
}
