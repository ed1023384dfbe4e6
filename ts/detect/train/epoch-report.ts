/** What is shown of an epoch: curves.svg and a line of text. */
import { trainingCurves } from '../../plots/training-curves.js';
import { writeAtomicFile } from '../../weights/atomic-folder.js';
import type { EpochLine } from './metrics-log.js';

/** curves.svg: losses are cross-entropies, so that training and validation compare. */
export function writeCurves(path: string, lines: readonly EpochLine[], bestEpoch?: number): Promise<void> {
  const epochs = lines.map((line) => ({
    epoch: line.epoch,
    trainLoss: line.train_ce,
    trainAccuracy: line.train_accuracy,
    valLoss: line.val_loss,
    valAccuracy: line.val_accuracy,
  }));
  const subtitle = 'Loss: cross-entropy in nats';
  return writeAtomicFile(
    path,
    trainingCurves(epochs, { subtitle, ...(bestEpoch !== undefined && { bestEpoch }) }),
  );
}

/** One line on an epoch for a person. */
export function epochText(line: EpochLine, epochs: number): string {
  const auc = line.val_auc === null ? '' : `, AUC ${line.val_auc.toFixed(3)}`;
  const accuracy = `accuracy ${(100 * line.val_accuracy).toFixed(1)} %`;
  const validation = `validation loss ${line.val_loss.toFixed(4)}, ${accuracy}${auc}`;
  return `Epoch ${line.epoch}/${epochs}: loss ${line.train_loss.toFixed(4)}, ${validation} (${line.seconds} s)`;
}
