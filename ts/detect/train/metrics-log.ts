/** metrics.jsonl: one line a step, one line an epoch, in the order in which they happened. */
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { DeepcodeError } from '../../errors.js';
import { writeAtomicFile } from '../../weights/atomic-folder.js';

/** Losses besides the prediction's cross-entropy; see native/losses. */
export type LossPart = 'scl' | 'fused' | 'common' | 'specific' | 'demographic' | 'contrastive' | 'reconstruction';

export interface StepLine extends Partial<Record<LossPart, number>> {
  /** 1 for the first step of the run. */
  step: number;
  /** 1 for the first epoch. */
  epoch: number;
  /** Mean over the step's images of what is minimised; its parts stand beside it, before weighting. */
  loss: number;
  /** Mean cross-entropy in nats. */
  ce: number;
  /** Learning rate of this step. */
  lr: number;
  /** Euclidean norm of the gradient before clipping. */
  grad_norm: number;
  images: number;
  images_per_s: number;
}

export interface EpochLine {
  epoch: number;
  /** The epoch's last step. */
  step: number;
  train_loss: number;
  /** Mean cross-entropy alone: what val_loss compares with. */
  train_ce: number;
  /** Share of training images on the right side, in training mode (dropout on). */
  train_accuracy: number;
  /** Mean cross-entropy on the validation images. */
  val_loss: number;
  val_accuracy: number;
  /** Null when the validation images are of one class. */
  val_auc: number | null;
  /** Since the epoch began; validation included. */
  seconds: number;
}

export type MetricsLine = StepLine | EpochLine;

export const isEpochLine = (line: MetricsLine): line is EpochLine => 'val_loss' in line;

/** The lines of a log; a torn last line, as `kill -9` may leave, is dropped. */
export function parseMetrics(content: string): MetricsLine[] {
  const complete = content.slice(0, content.lastIndexOf('\n') + 1);
  return complete.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as MetricsLine]));
}

async function readLog(path: string): Promise<MetricsLine[]> {
  try {
    return parseMetrics(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new DeepcodeError('ERR_IO', `${path} cannot be read: ${(error as Error).message.slice(0, 100)}`, {
      cause: error,
    });
  }
}

/** How far a checkpoint is. */
export interface LogPosition {
  step: number;
  epochsDone: number;
}

function isBefore(line: MetricsLine, position: LogPosition): boolean {
  return isEpochLine(line) ? line.epoch <= position.epochsDone : line.step <= position.step;
}

export class MetricsLog {
  readonly #lines: MetricsLine[];
  #file: FileHandle;

  private constructor(file: FileHandle, lines: MetricsLine[]) {
    this.#file = file;
    this.#lines = lines;
  }

  /** Opens the log, without the lines after `position`: the resumed run will write them again. */
  static async open(path: string, position: LogPosition): Promise<MetricsLog> {
    const lines = (await readLog(path)).filter((line) => isBefore(line, position));
    await writeAtomicFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return new MetricsLog(await open(path, 'a'), lines);
  }

  async append(line: MetricsLine): Promise<void> {
    this.#lines.push(line);
    await this.#file.appendFile(`${JSON.stringify(line)}\n`);
  }

  get epochs(): readonly EpochLine[] {
    return this.#lines.filter(isEpochLine);
  }

  /** Forces what was appended to disk; called before a checkpoint that relies on it. */
  sync(): Promise<void> {
    return this.#file.datasync();
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
