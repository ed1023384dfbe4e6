/**
 * Trains in a process of its own, to be killed: argument 1 is the options as JSON, argument 2 says whose they are,
 * those of train() or of trainFairDetector().
 */
import { train, type TrainHooks } from '../../ts/detect/train/train.js';
import type { TrainOptions } from '../../ts/detect/train/options.js';
import type { FairTrainOptions } from '../../ts/fairness/train/options.js';
import { trainFairDetector } from '../../ts/fairness/train/train.js';

const options = JSON.parse(process.argv[2]!) as TrainOptions & FairTrainOptions;
const start = process.argv[3] === 'fair' ? trainFairDetector : train;
const hooks: TrainHooks = { onProgress: ({ step }) => process.stdout.write(`${step}\n`) };

start(options, hooks).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
