/**
 * Colours of Okabe & Ito (2008), "Color Universal Design": told apart with any common colour vision
 * deficiency. Yellow is left out (too faint on white); blue stands for real and vermilion for fake
 * in every plot.
 */
export const PALETTE = [
  '#0072B2',
  '#D55E00',
  '#009E73',
  '#CC79A7',
  '#E69F00',
  '#56B4E9',
  '#000000',
] as const;

export const REAL_COLOR = PALETTE[0];
export const FAKE_COLOR = PALETTE[1];

export const INK = '#1f2328';
export const MUTED = '#5b6470';
export const GRID = '#e4e7eb';
export const BACKGROUND = '#ffffff';

export const FONT_FAMILY = "'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif";

/** Font sizes in pixels. */
export const FONT_SIZE = { title: 16, panelTitle: 13.5, label: 13, tick: 12, note: 11.5 } as const;

/** The colour of the i-th series; the palette repeats after seven. */
export function seriesColor(index: number): string {
  return PALETTE[index % PALETTE.length]!;
}

/** Width in pixels that text of a size takes at most, without measuring a font. */
export function textWidth(text: string, size: number): number {
  let ems = 0;
  for (const character of text) {
    if (/[\u1100-\u{1faff}]/u.test(character)) ems += 1.05;
    else if (/[mwMW@%]/.test(character)) ems += 0.92;
    else if (/[A-Z0-9_=+]/.test(character)) ems += 0.66;
    else ems += /[iljtfr.,:;'|!()\[\] ]/.test(character) ? 0.38 : 0.6;
  }
  return ems * size;
}
