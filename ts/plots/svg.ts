// The least SVG that charts need: elements as strings, with numbers and text made safe in one
// place.

import { DeepcodeError } from '../errors.js';

export type Attributes = Readonly<Record<string, string | number | undefined>>;

// Characters that XML 1.0 (section 2.2) does not allow in a document, even escaped.
const NOT_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text safe inside an element or a quoted attribute; characters that XML forbids become U+FFFD. */
export function escapeXml(text: string): string {
  return text.replace(NOT_XML, '\u{FFFD}').replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** A coordinate with at most two decimals. @throws DeepcodeError ERR_NONFINITE for NaN or Inf */
export function coordinate(value: number): string {
  if (!Number.isFinite(value)) {
    throw new DeepcodeError(
      'ERR_NONFINITE',
      `A chart cannot show ${value}; leave such values out of its data.`,
    );
  }
  return String(Math.round(value * 100) / 100 + 0);
}

/**
 * `<name attributes>children</name>`; undefined attributes are left out, children are SVG already.
 */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const shown = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        ` ${key}="${typeof value === 'number' ? coordinate(value) : escapeXml(value!)}"`,
    )
    .join('');
  return children.length === 0
    ? `<${name}${shown}/>`
    : `<${name}${shown}>${children.join('')}</${name}>`;
}

/** A `<text>` element; the text is escaped. */
export function textElement(text: string, attributes: Attributes): string {
  return element('text', attributes, escapeXml(text));
}

/** Path data "M x,y L x,y ...". */
export function polylinePath(points: readonly (readonly [number, number])[]): string {
  return points
    .map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${coordinate(x)},${coordinate(y)}`)
    .join('');
}
