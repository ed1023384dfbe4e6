/** Options of an exam: the one place of their defaults, for the library and the command line. */
import { DETECTOR_OPTIONS } from '../detect/detection.js';
import { EVALUATE_OPTIONS } from '../detect/evaluate.js';
import { checkSignalOption } from '../abortable.js';
import { invalidArgument } from '../errors.js';
import type { DownloadProgress } from '../hub/index.js';
import { choice, list, resolveOptions, text, type Given, type Resolved } from '../options.js';
import { checkRuntimeOptions, type RuntimeOptions } from '../runtime.js';

export const EXAM_OPTIONS = {
  detector: list({ placeholder: 'RUN', help: 'detector: run of training, model folder or hub id' }),
  real: text({ placeholder: 'DIR', help: 'folder of real photos, such as those that the images were generated from' }),
  generated: text({ placeholder: 'DIR', help: 'folder of generated images' }),
  data: text({ placeholder: 'D', help: 'the given data: a data set of the kind that the detectors were trained on' }),
  split: choice({ choices: ['test', 'valid', 'train', 'all'], default: 'test', help: 'which images of --data, if it is split' }),
  ...DETECTOR_OPTIONS,
  ...EVALUATE_OPTIONS,
} as const;

export type ResolvedExamOptions = Resolved<typeof EXAM_OPTIONS>;

/** How far an exam is. */
export interface ExamProgress {
  /** Which detector, by the name it has in the table. */
  detector: string;
  set: string;
  done: number;
  total: number;
}

export type ExamOptions = Given<typeof EXAM_OPTIONS> &
  RuntimeOptions & {
    signal?: AbortSignal | undefined;
    onProgress?: ((progress: ExamProgress) => void) | undefined;
    /** Called as bytes of a hub model arrive. */
    onDownload?: ((progress: DownloadProgress) => void) | undefined;
  };

function requireText(name: string, value: unknown): void {
  if (typeof value !== 'string' || value === '') throw invalidArgument(name, 'a path', value);
}

/** @throws TypeError, RangeError */
export function checkExamOptions(options: ExamOptions): ResolvedExamOptions & { real: string; generated: string } {
  const resolved = resolveOptions(EXAM_OPTIONS, options);
  const { detector, real, generated, data } = resolved;
  if (detector.length === 0) throw invalidArgument('detector', 'one detector or more (--detector)', '');
  detector.forEach((each) => requireText('detector', each));
  requireText('real', real);
  requireText('generated', generated);
  if (data !== undefined) requireText('data', data);
  checkRuntimeOptions(options);
  checkSignalOption(options.signal);
  for (const name of ['onProgress', 'onDownload'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') throw invalidArgument(name, 'a function', options[name]);
  }
  return { ...resolved, real: real!, generated: generated! };
}
