/** The comparisons of `deepcode bench detect`. */
import { join } from 'node:path';
import { DeepcodeError } from '../errors.js';
import { compareSides, type ComparisonResult } from './comparison.js';
import type { BenchJob } from './job.js';
import type { BenchDtype, BenchOptions, BenchWorkload } from './options.js';
import { findPackage } from './packages.js';
import { networkOf, writeRandomModel, type RandomModel } from './random-model.js';
import { exportOnnx, onnxSide, ownSide, pythonSide } from './sides.js';
import type { SideCommand } from './side-process.js';

const LORA = { rank: 16, alpha: 32, dropout: 0.1, targets: ['qkv'] } as const;

export interface BenchSettings extends BenchOptions {
  device: string;
  /** What is measured, in order. Training has no fp16. */
  dtypes: readonly BenchDtype[];
  threads: number;
}

export interface BenchHooks {
  signal: AbortSignal;
  onProgress(text: string): void;
}

const architectureOf = ({ network, modelSize }: BenchSettings): string =>
  network === 'xception' ? 'legacy_xception' : `vit_${modelSize}_patch16_224`;

function jobOf(workload: BenchWorkload, dtype: BenchDtype, model: RandomModel, settings: BenchSettings): BenchJob {
  const { batchSize, device, threads } = settings;
  const architecture = architectureOf(settings);
  const { mean, std, inputSize } = networkOf(architecture).preprocessing;
  const { weights, images } = model;
  return {
    workload, architecture, weights, images, imageSize: inputSize[1], mean, std, batchSize, dtype, device, threads, lora: LORA,
  };
}

/** The other sides, and why some are missing. */
function opponents(job: BenchJob, model: RandomModel, { python, packages }: BenchSettings): { job: BenchJob; commands: SideCommand[]; missing: string[] } {
  if (python === undefined) {
    const missing = ['No Python to compare with: name one that has torch, timm and peft with --python or DEEPCODE_BENCH_PYTHON.'];
    return { job, commands: [], missing };
  }
  const commands = [pythonSide(python, job.workload)];
  if (job.workload !== 'inference' || job.dtype !== 'fp32' || job.device !== 'cpu') return { job, commands, missing: [] };
  const library = findPackage('onnxruntime-node', packages);
  if (library === undefined) return { job, commands, missing: ['onnxruntime-node cannot be required: npm install onnxruntime-node.'] };
  const file = join(model.folder, 'model.onnx');
  try {
    exportOnnx(python, job, file);
  } catch (error) {
    if (error instanceof DeepcodeError) return { job, commands, missing: [error.message] };
    throw error;
  }
  return { job: { ...job, onnx: { library, model: file } }, commands: [...commands, onnxSide()], missing: [] };
}

function workloadsOf({ workload, dtypes, network }: BenchSettings): [BenchWorkload, BenchDtype][] {
  const inference = dtypes.map((dtype): [BenchWorkload, BenchDtype] => ['inference', dtype]);
  // bf16 training is autocast: slower than fp32 wherever a processor lacks bf16 instructions, so it is asked for.
  const training = dtypes.filter((dtype, i) => dtype !== 'fp16' && (dtype === 'fp32' || i === 0));
  return [
    ...(workload === 'training' ? [] : inference),
    ...(workload === 'inference' || network === 'xception' ? [] : training.map((dtype): [BenchWorkload, BenchDtype] => ['training', dtype])),
  ];
}

/** Yields one comparison after the other. Rejects with AbortError, or with what our own side fails with. */
export async function* benchDetect(settings: BenchSettings, { signal, onProgress }: BenchHooks): AsyncGenerator<ComparisonResult> {
  onProgress('writing random weights');
  const model = await writeRandomModel(architectureOf(settings), settings.batchSize);
  try {
    for (const [workload, dtype] of workloadsOf(settings)) {
      const label = `${workload} ${dtype}`;
      onProgress(`${label}: starting`);
      const { job, commands, missing } = opponents(jobOf(workload, dtype, model, settings), model, settings);
      const rounds = settings.repeats;
      const onRound = (round: number): void => onProgress(`${label}: round ${round + 1}/${rounds}`);
      const result = await compareSides([ownSide(), ...commands], job, { rounds, signal, onRound });
      yield { ...result, missing: [...missing, ...result.missing] };
    }
  } finally {
    model.dispose();
  }
}
