/** Everything about a run's position that is not a tensor: with the tensors, a checkpoint. */
import { Fields } from '../json-fields.js';

/** Sums over the running epoch's images, for its line in metrics.jsonl. */
export interface EpochSums {
  loss: number;
  ce: number;
  correct: number;
  images: number;
}

export interface RunState {
  /** Steps done since the beginning. */
  readonly step: number;
  /** Epochs done, validation included. */
  readonly epochsDone: number;
  /** Steps done of the running epoch. */
  readonly stepsInEpoch: number;
  readonly sums: EpochSums;
  /** The epoch with the smallest validation loss so far. */
  readonly best: { readonly epoch: number; readonly loss: number } | null;
  /** Unreadable images met so far, in the order in which they were met. */
  readonly badImages: readonly string[];
}

export const NO_SUMS: EpochSums = { loss: 0, ce: 0, correct: 0, images: 0 };

export const INITIAL_STATE: RunState = {
  step: 0,
  epochsDone: 0,
  stepsInEpoch: 0,
  sums: NO_SUMS,
  best: null,
  badImages: [],
};

/** @throws DeepcodeError ERR_CONFIG naming the field */
export function parseRunState(value: unknown, where: string): RunState {
  const fields = new Fields(value, where);
  const sums = fields.object('sums');
  const best = fields.optionalObject('best');
  const count = { min: 0, integer: true };
  return {
    step: fields.number('step', count),
    epochsDone: fields.number('epochsDone', count),
    stepsInEpoch: fields.number('stepsInEpoch', count),
    sums: {
      loss: sums.number('loss'),
      ce: sums.number('ce'),
      correct: sums.number('correct', count),
      images: sums.number('images', count),
    },
    best: best ? { epoch: best.number('epoch', count), loss: best.number('loss') } : null,
    badImages: fields.textList('badImages'),
  };
}
