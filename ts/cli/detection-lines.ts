/** How `deepcode detect` writes a result: JSON lines, CSV, or lines for people. */
import type { Detection } from '../detect/detection.js';
import { errorCode } from '../errors.js';
import type { FaceRectangle } from '../faces/detected-face.js';
import { csvLine } from './csv.js';
import { printable, type Output, type Style } from './output.js';

export type DetectionFormat = 'json' | 'csv' | 'text';

/** One image's line: `detection`, or `error` in its place. */
export interface DetectionLine {
  path: string;
  detection?: Detection;
  error?: Error;
  /** The part of the image that was scored, in pixels. */
  face?: FaceRectangle;
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

const FACE_HEADER = ['face_x', 'face_y', 'face_width', 'face_height'];

async function writeJson(
  output: Output,
  { path, detection, face, error, heatmap }: DetectionLine,
): Promise<void> {
  if (error)
    return output.json({ path, error: { code: errorCode(error), message: error.message } });
  await output.json({ path, ...(face && { face }), ...detection!, ...(heatmap !== undefined && { heatmap }) });
}

async function writeCsv(
  output: Output,
  { path, detection, face, error }: DetectionLine,
  faces: boolean,
): Promise<void> {
  const box = face ? [face.x, face.y, face.width, face.height] : faces ? FACE_HEADER.map(() => '') : [];
  if (error) return output.result(csvLine([path, '', '', '', '', errorCode(error), error.message, ...box]));
  const { label, score, logits } = detection!;
  await output.result(csvLine([path, label, score, ...logits, '', '', ...box]));
}

/** The label in its colour, at least `width` wide. */
export function paintLabel(output: Output, label: Detection['label'], width = 0): string {
  return output.paint(LABEL_STYLES[label], label.padEnd(width));
}

async function writeText(
  output: Output,
  { path, detection, face, error, heatmap }: DetectionLine,
): Promise<void> {
  if (error)
    return output.note(`${printable(path)}: ${error.message} [${errorCode(error)}]`, 'red');
  const { label, score } = detection!;
  const picture = heatmap === undefined ? '' : output.paint('dim', `  -> ${printable(heatmap)}`);
  const place = face ? output.paint('dim', `  at ${face.x},${face.y} ${face.width}x${face.height}`) : '';
  await output.result(
    `${paintLabel(output, label, 6)}  ${score.toFixed(3).padStart(7)}  ${printable(path)}${place}${picture}`,
  );
}

/** Writes what stands above the results, if anything. `faces`: parts of images are scored. */
export async function writeHeader(output: Output, format: DetectionFormat, faces: boolean): Promise<void> {
  if (format === 'csv') return output.result(csvLine([...CSV_HEADER, ...(faces ? FACE_HEADER : [])]));
  if (format === 'text' && output.interactive)
    await output.result(output.paint('dim', 'label   P(fake)  path'));
}

const WRITERS = { json: writeJson, csv: writeCsv, text: writeText } as const;

/** `faces`: parts of images are scored. */
export function writeLine(
  output: Output,
  format: DetectionFormat,
  line: DetectionLine,
  faces: boolean,
): Promise<void> {
  return WRITERS[format](output, line, faces);
}
