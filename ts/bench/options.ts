/** Options of `deepcode bench`. */
import { choice, integer, text, type Resolved } from '../options.js';

export const BENCH_OPTIONS = {
  workload: choice({
    choices: ['all', 'inference', 'training', 'unet', 'decode', 'images'],
    default: 'all',
    help: 'what is measured: inference and training belong to detect; unet, decode and images to generate; all leaves out images on a processor',
  }),
  python: text({
    placeholder: 'PATH',
    help: 'Python with torch and timm, peft, diffusers or transformers to compare with (default: DEEPCODE_BENCH_PYTHON)',
  }),
  packages: text({
    placeholder: 'DIR',
    help: 'where npm installed onnxruntime-node or @vladmandic/human to compare with (default: here)',
  }),
  modelSize: choice({
    choices: ['tiny', 'base'],
    default: 'base',
    help: 'which vit_*_patch16_224, or Stable Diffusion 1.5, or ViT with GPT-2, and tiny ones; weights are random',
  }),
  network: choice({
    choices: ['vit', 'xception'],
    default: 'vit',
    help: "what detect runs: a ViT of --model-size, or timm's legacy_xception, of which inference only is measured",
  }),
  batchSize: integer({ default: 8, min: 1, max: 1024, help: 'images an iteration of detect' }),
  steps: integer({ default: 50, min: 1, max: 1000, help: 'denoising steps of images' }),
  predictions: integer({ default: 50_000, min: 1, max: 1_000_000_000, help: 'predictions of memory, after those of --warm-up' }),
  warmUp: integer({ default: 2000, min: 1, max: 1_000_000_000, help: 'predictions of memory before the memory is first read' }),
  repeats: integer({ default: 15, min: 3, max: 10_000, help: 'rounds; in each, every side does one iteration' }),
} as const;

export type BenchOptions = Resolved<typeof BENCH_OPTIONS>;
export type BenchWorkload = 'inference' | 'training';
export type DiffusionWorkload = 'unet' | 'decode';
export type PipelineWorkload = 'images';
/** Of the benches that have no others. */
export type FaceWorkload = 'attributes' | 'caption';
/** Of the bench that compares with nobody. */
export type MemoryWorkload = 'memory';
export type BenchDtype = 'fp32' | 'bf16' | 'fp16';
