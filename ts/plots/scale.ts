import { DeepcodeError } from '../errors.js';

export type Domain = readonly [low: number, high: number];

/** A straight map from data to pixels. */
export type Scale = (value: number) => number;

export function linearScale([low, high]: Domain, from: number, to: number): Scale {
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}

/** The step of 1, 2 or 5 times a power of ten that splits a span into about `count` parts. */
function niceStep(span: number, count: number): number {
  const raw = span / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  const leading = raw / power;
  const factor = leading < 1.5 ? 1 : leading < 3.5 ? 2 : leading < 7.5 ? 5 : 10;
  return factor * power;
}

/** Round numbers inside a domain, ascending. `minimumStep` of 1 keeps them whole. */
export function niceTicks([low, high]: Domain, count = 5, minimumStep = 0): number[] {
  const step = Math.max(niceStep(high - low, count), minimumStep);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // The product of a whole number and a step of 0.1 has noise in its last digits.
  const digits = stepDecimals(step);
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) =>
    Number(((first + i) * step).toFixed(digits)),
  );
}

/** The domain widened to whole steps, so that the first and the last tick lie on its ends. */
export function niceDomain([low, high]: Domain, count = 5): Domain {
  const step = niceStep(high - low, count);
  const digits = stepDecimals(step);
  return [
    Number((Math.floor(low / step + 1e-9) * step).toFixed(digits)),
    Number((Math.ceil(high / step - 1e-9) * step).toFixed(digits)),
  ];
}

function stepDecimals(step: number): number {
  return Math.min(100, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
}

/** Smallest and largest of the finite values. @throws DeepcodeError ERR_SHAPE when there is none */
export function bounds(values: Iterable<number>): Domain {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high)
    throw new DeepcodeError(
      'ERR_SHAPE',
      'Expected at least one finite value to plot but received none.',
    );
  return [low, high];
}

/** As {@link bounds}; where all values are equal, with room on both sides. */
export function extent(values: Iterable<number>): Domain {
  const [low, high] = bounds(values);
  const room = low === high ? Math.abs(low) * 0.5 || 1 : 0;
  return [low - room, high + room];
}

/**
 * Tick labels with as many decimals as the ticks need; very large and small ones in powers of ten.
 */
export function tickFormat(ticks: readonly number[]): (value: number) => string {
  const step = ticks.length > 1 ? ticks[1]! - ticks[0]! : Math.abs(ticks[0] ?? 1) || 1;
  const largest = Math.max(...ticks.map(Math.abs), 0);
  if (largest >= 1e6 || step < 1e-4)
    return (value) => (value === 0 ? '0' : value.toExponential(1).replace('e+', 'e'));
  const exact = (digits: number): boolean =>
    ticks.every((tick) => Math.abs(Number(tick.toFixed(digits)) - tick) < 1e-3 * step);
  let decimals = stepDecimals(step);
  while (decimals < 10 && !exact(decimals)) decimals++;
  return (value) => value.toFixed(decimals).replace('-', '\u2212');
}
