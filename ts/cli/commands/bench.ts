/** `deepcode bench`: how fast this package is, beside others on the same machine in the same run. */
import { availableParallelism } from 'node:os';
import { benchDetect, type BenchSettings } from '../../bench/bench-detect.js';
import { BENCH_OPTIONS, type BenchDtype } from '../../bench/options.js';
import { comparisonText } from '../../bench/report.js';
import { flag, type Resolved, type RUNTIME_OPTIONS } from '../../options.js';
import { checkRuntimeOptions } from '../../runtime.js';
import { defineCommand, type Program } from '../define-command.js';
import { UsageError } from '../exit-codes.js';

const OPTIONS = { ...BENCH_OPTIONS, json: flag({ help: 'print one JSON object a comparison' }) } as const;

type Options = Resolved<typeof OPTIONS> & Resolved<typeof RUNTIME_OPTIONS>;

function settingsOf(options: Options): BenchSettings {
  checkRuntimeOptions(options);
  const device = options.device === 'auto' ? 'cpu' : options.device === 'cuda' ? 'cuda:0' : options.device;
  if (options.dtype === 'fp16' && device === 'cpu') throw new UsageError('fp16 is measured on CUDA only.');
  const dtypes: BenchDtype[] = options.dtype === 'auto' ? ['fp32', 'bf16'] : [options.dtype];
  const python = options.python ?? (process.env.DEEPCODE_BENCH_PYTHON || undefined);
  return { ...options, python, device, dtypes, threads: options.threads || availableParallelism() };
}

export function register(program: Program): void {
  defineCommand(program, {
    name: 'bench',
    arguments: '<what>',
    summary: 'measure speed beside timm, PEFT and onnxruntime',
    description:
      'Measures `detect`: inference and a LoRA training step of a ViT with random weights, ours and others in turn, each in ' +
      'a process of its own with the same number of threads. A ratio is the other time divided by ours, median and ' +
      'quartiles over the rounds: above 1, ours is faster. CPU time is that of all threads. Device auto is the processor; dtype auto is fp32, then bf16.\n' +
      'Needs a Python with torch (best the same version as libtorch), timm and peft, and for onnxruntime a Python with ' +
      'onnx and `npm install onnxruntime-node`. Without them, what there is is measured.',
    options: OPTIONS,
    examples: [
      ['deepcode bench detect --python venv/bin/python --threads 2', 'ViT-B/16, batches of 8'],
      ['deepcode bench detect --workload inference --dtype bf16 --json', 'one comparison, for a program'],
    ],
    async run([what], options, { output, signal }) {
      if (what !== 'detect') throw new UsageError(`Expected detect but received ${JSON.stringify(what)}.`);
      const settings = settingsOf(options);
      const hooks = { signal, onProgress: (text: string) => output.progress(text) };
      for await (const result of benchDetect(settings, hooks)) {
        output.endProgress();
        await (options.json ? output.json(result) : output.result(`${comparisonText(result)}\n`));
      }
      output.endProgress();
    },
  });
}
