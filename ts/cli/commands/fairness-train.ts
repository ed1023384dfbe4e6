/** `deepcode fairness train`: the disentangled detector with the bi-level fairness loss. */
import type { Command } from 'commander';
import { FAIR_TRAIN_OPTIONS, type FairTrainOptions } from '../../fairness/train/options.js';
import { trainFairDetector } from '../../fairness/train/train.js';
import { flag, RUNTIME_OPTIONS } from '../../options.js';
import type { RuntimeOptions } from '../../runtime.js';
import { defineCommand, TRAINING_RUNTIME, type Program } from '../define-command.js';
import { givenFlags } from '../flags.js';
import { runTraining } from './train.js';

const OPTIONS = { ...FAIR_TRAIN_OPTIONS, json: flag({ help: 'print the result as one JSON object' }) } as const;

export function register(program: Program): void {
  const command: Command = defineCommand(program, {
    name: 'train',
    summary: 'train a detector that is to be equally good for every group of people',
    description:
      'Trains the disentangled Xception of Lin et al. 2024 (CVPR) on real/fake pairs: forgery, content and demographic ' +
      'features apart, and for the prediction the loss of the worst images of the worst groups. The groups come from ' +
      'the columns of the data sets; deepcode fairness label predicts them where there are none.\n' +
      'Writes a run folder as deepcode train does: config.json, metrics.jsonl, curves.svg, checkpoints/, model/ of the ' +
      'best epoch, and detector.json. Ctrl-C stops after the current step; --resume goes on as if nothing had happened.',
    options: OPTIONS,
    runtime: TRAINING_RUNTIME,
    examples: [
      ['deepcode fairness train --data faces/labels.csv --out runs/fair', "the paper's recipe from random weights"],
      [
        'deepcode fairness train --data faces/labels.csv --out runs/small --image-size 96 --width 0.25 --epochs 30 --lr 0.02',
        'small, for a processor',
      ],
      ['deepcode fairness train --data faces/labels.csv --out runs/plain --fairness none', 'without the fairness loss'],
      ['deepcode fairness train --out runs/fair --resume', 'go on after an interruption'],
    ],
    run: (_, options, session) => {
      const given: FairTrainOptions & RuntimeOptions = givenFlags(command, {
        ...FAIR_TRAIN_OPTIONS,
        ...RUNTIME_OPTIONS,
      });
      return runTraining((hooks) => trainFairDetector(given, hooks), options.json, session);
    },
  });
}
