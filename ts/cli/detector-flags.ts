/** Options that name and load a detector, for every command that uses one. */
import { DETECTOR_OPTIONS, type UnsureBand } from '../detect/detection.js';
import { Detector } from '../detect/detector.js';
import type { DownloadProgress } from '../hub/index.js';
import { text, type Resolved, type RUNTIME_OPTIONS } from '../options.js';
import type { Session } from './define-command.js';
import { downloadText } from './download-text.js';
import { UsageError } from './exit-codes.js';

export const DETECTOR_FLAGS = {
  model: text({
    placeholder: 'DIR|ID',
    help: 'model folder, run of training or hub id (default: the detector that ships with the package)',
  }),
  adapter: text({ placeholder: 'DIR', help: 'PEFT adapter folder to fold into the model' }),
  ...DETECTOR_OPTIONS,
} as const;

export const UNSURE_FLAG = {
  unsure: text({
    placeholder: 'LOW:HIGH',
    help: "call scores from LOW to below HIGH unsure, for example 0.4:0.6; 0.5:0.5 is never (default: the detector's own band)",
  }),
} as const;

type LoadFlags = Resolved<typeof DETECTOR_FLAGS> & Resolved<typeof RUNTIME_OPTIONS>;

/** Loads the detector that the flags name; a download shows its progress. */
export async function loadDetector(
  options: LoadFlags,
  { output, signal }: Session,
): Promise<Detector> {
  const { model, adapter, batchSize, tta, device, dtype, threads } = options;
  const onDownload = (progress: DownloadProgress): void => output.progress(downloadText(progress));
  const detector = await Detector.load(model, {
    adapter,
    batchSize,
    tta,
    device,
    dtype,
    threads,
    signal,
    onDownload,
  });
  output.endProgress();
  return detector;
}

/** `0.4:0.6` -> { from: 0.4, to: 0.6 }. Throws UsageError. */
export function parseUnsure(given: string | undefined): UnsureBand | undefined {
  if (given === undefined) return undefined;
  const match = /^(\d*\.?\d+):(\d*\.?\d+)$/.exec(given);
  const [from, to] = [Number(match?.[1]), Number(match?.[2])];
  if (match && from <= to && to <= 1) return { from, to };
  throw new UsageError(
    `--unsure takes two numbers 0 <= LOW <= HIGH <= 1 as LOW:HIGH, but received ${JSON.stringify(given)}.`,
  );
}
