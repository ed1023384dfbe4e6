// Tables for terminals (aligned with spaces) and for Markdown.

import { checkEach, checkFields, checkKind } from '../arguments.js';
import { invalidArgument } from '../errors.js';

export interface TableColumn {
  header: string;
  /** Default 'left'; numbers read best to the 'right'. */
  align?: 'left' | 'right';
}

export interface TableOptions {
  columns: readonly TableColumn[];
  /** One string a column. */
  rows: readonly (readonly string[])[];
  /** Default 'text'. */
  style?: 'text' | 'markdown';
}

const WIDE = new RegExp(
  '[\\u1100-\\u115f\\u2e80-\\ua4cf\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe30-\\ufe6f\\uff00-\\uff60' +
    '\\uffe0-\\uffe6\\u{1f300}-\\u{1faff}\\u{20000}-\\u{3fffd}]',
  'u',
);
const ZERO = /[\p{Mn}\p{Me}\p{Cf}]/u;
const UNPRINTABLE = /[\p{Cc}\u2028\u2029]+/gu;

/**
 * Terminal columns that a text takes: two for East Asian wide characters, none for combining marks.
 */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += ZERO.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}

function pad(text: string, width: number, align: TableColumn['align']): string {
  const room = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'right' ? room + text : text + room;
}

/** File names may hold line breaks and terminal escapes: a cell is one printable line. */
function cell(text: string, markdown: boolean): string {
  const line = text.replace(UNPRINTABLE, ' ');
  return markdown
    ? line.replace(/[\\|<`]/g, (character) => (character === '<' ? '&lt;' : `\\${character}`))
    : line;
}

function rule(width: number, align: TableColumn['align'], markdown: boolean): string {
  if (!markdown) return '─'.repeat(width);
  return align === 'right' ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width);
}

function checkTable(options: TableOptions): void {
  checkFields('options', options, { columns: 'list', rows: 'list' });
  checkEach('options.columns', options.columns, { header: 'text' });
  options.rows.forEach((row, i) => checkKind(`options.rows[${i}]`, 'texts', row));
}

/**
 * A table of aligned columns, without a line break at its end.
 *
 * @throws TypeError when a row has not one string a column
 */
export function formatTable(options: TableOptions): string {
  checkTable(options);
  const { columns, rows, style = 'text' } = options;
  const markdown = style === 'markdown';
  const lines = [columns.map(({ header }) => header), ...rows].map((row) =>
    row.map((text) => cell(text, markdown)),
  );
  for (const row of lines) {
    if (row.length !== columns.length)
      throw invalidArgument('a table row', `${columns.length} cells`, row.length);
  }
  const widths = columns.map((_, i) =>
    Math.max(markdown ? 3 : 1, ...lines.map((row) => displayWidth(row[i]!))),
  );
  const join = (cells: string[]): string =>
    markdown ? `| ${cells.join(' | ')} |` : cells.join('  ').trimEnd();
  const [header, ...body] = lines.map((row) =>
    join(row.map((text, i) => pad(text, widths[i]!, columns[i]!.align))),
  );
  const rules = join(columns.map(({ align }, i) => rule(widths[i]!, align, markdown)));
  return [header, rules, ...body].join('\n');
}
