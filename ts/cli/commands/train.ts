/** `deepcode train`: a detector from folders of real and generated faces. */
import type { Command } from 'commander';
import { TRAIN_OPTIONS, type TrainOptions } from '../../detect/train/options.js';
import type { TrainProgress } from '../../detect/train/progress.js';
import type { ExportReport, TrainReport } from '../../detect/train/report.js';
import { train, type TrainHooks } from '../../detect/train/train.js';
import { flag, RUNTIME_OPTIONS } from '../../options.js';
import type { RuntimeOptions } from '../../runtime.js';
import { defineCommand, TRAINING_RUNTIME, type Program, type Session } from '../define-command.js';
import { givenFlags } from '../flags.js';
import { durationText } from '../progress-text.js';

const OPTIONS = { ...TRAIN_OPTIONS, json: flag({ help: 'print the result as one JSON object' }) } as const;

export function progressText(progress: TrainProgress): string {
  const { step, steps, epoch, epochs, phase, loss, imagesPerSecond, secondsLeft } = progress;
  const place = `epoch ${epoch}/${epochs}, step ${step}/${steps}`;
  if (phase === 'validate') return `${place}, validating`;
  const left = Number.isFinite(secondsLeft) ? `, ${durationText(secondsLeft)} left` : '';
  return `${place}, loss ${loss.toFixed(4)}, ${imagesPerSecond.toFixed(1)} images/s${left}`;
}

function stateText(name: string, { epoch, loss, accuracy, auc }: ExportReport): string {
  const area = auc === null ? '' : `, AUC ${auc.toFixed(3)}`;
  return `${name} epoch ${epoch}: validation loss ${loss.toFixed(4)}, accuracy ${(100 * accuracy).toFixed(1)} %${area}`;
}

export function reportText(report: TrainReport): string {
  const { best, last, threshold, temperature, unsure, folder } = report;
  return [
    stateText('Best', best),
    stateText('Last', last),
    `Temperature ${temperature.toFixed(3)}, threshold ${threshold.toFixed(3)}, ` +
      `unsure from ${unsure.from.toFixed(3)} to ${unsure.to.toFixed(3)}`,
    `Detector: deepcode detect --model ${folder} photo.jpg`,
  ].join('\n');
}

/** Runs a training with its progress on stderr and its report on stdout. */
export async function runTraining(
  train: (hooks: TrainHooks) => Promise<TrainReport>,
  json: boolean,
  { output, signal }: Session,
): Promise<void> {
  try {
    const report = await train({
      signal,
      onProgress: (progress) => output.progress(progressText(progress)),
      onLog: (message) => output.note(message),
    });
    output.endProgress();
    await (json ? output.json(report) : output.result(reportText(report)));
  } finally {
    output.endProgress();
    if (signal.aborted) output.note('The run can be continued: add --resume.');
  }
}

export function register(program: Program): void {
  const command: Command = defineCommand(program, {
    name: 'train',
    summary: 'train a detector on real and generated faces',
    description:
      'Fine-tunes a Vision Transformer on data sets with real/ and fake/ images: with a LoRA adapter (the default), ' +
      'all weights, or the head alone; with cross-entropy, or with Single-Center Loss on top.\n' +
      'Writes a run folder: config.json, metrics.jsonl, curves.svg, checkpoints/, the adapter (or model) of the best ' +
      'epoch, and detector.json. Ctrl-C stops after the current step; --resume goes on as if nothing had happened.',
    options: OPTIONS,
    runtime: TRAINING_RUNTIME,
    examples: [
      [
        'deepcode train --data faces --model vit_base --out runs/first',
        'LoRA of rank 16 on qkv, cross-entropy',
      ],
      ['deepcode train --data faces --model vit_base --out runs/scl --loss scl', 'with Single-Center Loss'],
      ['deepcode train --out runs/first --resume', 'go on after an interruption'],
      ['deepcode detect --model runs/first photo.jpg', 'use what was trained'],
    ],
    run: (_, options, session) => {
      const given: TrainOptions & RuntimeOptions = givenFlags(command, { ...TRAIN_OPTIONS, ...RUNTIME_OPTIONS });
      return runTraining((hooks) => train(given, hooks), options.json, session);
    },
  });
}
