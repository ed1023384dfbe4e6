/** Trains in a process of its own, to be killed: argument 1 is the options of train() as JSON. */
import { train } from '../../ts/detect/train/train.js';
import type { TrainOptions } from '../../ts/detect/train/options.js';

const options = JSON.parse(process.argv[2]!) as TrainOptions;

train(options, { onProgress: ({ step }) => process.stdout.write(`${step}\n`) }).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
