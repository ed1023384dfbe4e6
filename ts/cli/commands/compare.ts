/** `deepcode compare`: the same training without and with Single-Center Loss. */
import type { Command } from 'commander';
import { compare, COMPARE_OPTIONS } from '../../detect/compare.js';
import { METHOD_NAMES } from '../../detect/compare/summary.js';
import { flag, RUNTIME_OPTIONS } from '../../options.js';
import { defineCommand, TRAINING_RUNTIME, type Program } from '../define-command.js';
import { givenFlags } from '../flags.js';
import { progressText } from './train.js';

const OPTIONS = { ...COMPARE_OPTIONS, json: flag({ help: 'print the result as one JSON object' }) } as const;

export function register(program: Program): void {
  const command: Command = defineCommand(program, {
    name: 'compare',
    summary: 'train without and with Single-Center Loss and compare',
    description:
      'Trains two detectors a seed on the same images in the same order, with cross-entropy alone (naive) and with ' +
      'Single-Center Loss on top, and compares them on the test split and on data of other domains.\n' +
      'Writes table.md, auc.svg, features.svg (principal components of each run on its own) and compare.json ' +
      'besides the runs. Interrupted, it goes on where it stopped.',
    options: OPTIONS,
    runtime: TRAINING_RUNTIME,
    examples: [
      [
        'deepcode compare --data faces --model vit --cross diffusion --out runs/compare',
        'within and across domains',
      ],
      ['deepcode compare --data faces --model vit --seeds 0,1,2', 'mean and deviation of three seeds'],
    ],
    run: async (_, options, { output, signal }) => {
      const given = givenFlags(command, { ...COMPARE_OPTIONS, ...RUNTIME_OPTIONS });
      try {
        const report = await compare(given, {
          signal,
          onRun: ({ method, seed, index, count }) =>
            output.note(`Run ${index}/${count}: ${METHOD_NAMES[method]}, seed ${seed}`),
          onProgress: (progress) => output.progress(progressText(progress)),
          onLog: (message) => output.note(message),
        });
        output.endProgress();
        await (options.json
          ? output.json(report)
          : output.result(`${report.table}\n\nPlots and table: ${report.folder}`));
      } finally {
        output.endProgress();
      }
    },
  });
}
