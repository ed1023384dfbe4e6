/** From the options of training, any network's, to the addon's optimiser. */
import type { NativeOptimizerOptions } from '../../native/trainer.js';
import type { ResolvedTrainOptions } from './options.js';

type OptimizerFields = Pick<ResolvedTrainOptions, 'optimizer' | 'momentum' | 'weightDecay' | 'clipGradNorm' | 'samRho'>;

export function optimizerOptions({ optimizer, momentum, weightDecay, clipGradNorm, samRho }: OptimizerFields): NativeOptimizerOptions {
  return { name: optimizer, momentum, weightDecay, clipGradNorm, samRho };
}
