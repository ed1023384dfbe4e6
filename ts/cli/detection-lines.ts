/** How `deepcode detect` writes a result: JSON lines, CSV, or lines for people. */
import type { Detection } from '../detect/detection.js';
import { errorCode } from '../errors.js';
import { csvLine } from './csv.js';
import { printable, type Output, type Style } from './output.js';

export type DetectionFormat = 'json' | 'csv' | 'text';

/** One image's line: `detection`, or `error` in its place. */
export interface DetectionLine {
  path: string;
  detection?: Detection;
  error?: Error;
  /** Where its heat map was written. */
  heatmap?: string;
}

const LABEL_STYLES: Record<Detection['label'], Style> = {
  real: 'green',
  fake: 'red',
  unsure: 'yellow',
};

const CSV_HEADER = [
  'path',
  'label',
  'score',
  'logit_real',
  'logit_fake',
  'error_code',
  'error_message',
];

async function writeJson(
  output: Output,
  { path, detection, error, heatmap }: DetectionLine,
): Promise<void> {
  if (error)
    return output.json({ path, error: { code: errorCode(error), message: error.message } });
  await output.json({ path, ...detection!, ...(heatmap !== undefined && { heatmap }) });
}

async function writeCsv(output: Output, { path, detection, error }: DetectionLine): Promise<void> {
  if (error) return output.result(csvLine([path, '', '', '', '', errorCode(error), error.message]));
  const { label, score, logits } = detection!;
  await output.result(csvLine([path, label, score, ...logits, '', '']));
}

/** The label in its colour, at least `width` wide. */
export function paintLabel(output: Output, label: Detection['label'], width = 0): string {
  return output.paint(LABEL_STYLES[label], label.padEnd(width));
}

async function writeText(
  output: Output,
  { path, detection, error, heatmap }: DetectionLine,
): Promise<void> {
  if (error)
    return output.note(`${printable(path)}: ${error.message} [${errorCode(error)}]`, 'red');
  const { label, score } = detection!;
  const picture = heatmap === undefined ? '' : output.paint('dim', `  -> ${printable(heatmap)}`);
  await output.result(
    `${paintLabel(output, label, 6)}  ${score.toFixed(3).padStart(7)}  ${printable(path)}${picture}`,
  );
}

/** Writes what stands above the results, if anything. */
export async function writeHeader(output: Output, format: DetectionFormat): Promise<void> {
  if (format === 'csv') return output.result(csvLine(CSV_HEADER));
  if (format === 'text' && output.interactive)
    await output.result(output.paint('dim', 'label   P(fake)  path'));
}

const WRITERS = { json: writeJson, csv: writeCsv, text: writeText } as const;

export function writeLine(
  output: Output,
  format: DetectionFormat,
  line: DetectionLine,
): Promise<void> {
  return WRITERS[format](output, line);
}
