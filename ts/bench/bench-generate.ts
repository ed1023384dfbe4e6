/** The comparisons of `deepcode bench generate`: networks of Stable Diffusion with random weights. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseUnetConfig } from '../generate/config/unet-config.js';
import { parseVaeConfig } from '../generate/config/vae-config.js';
import { createRandom } from '../metrics/random.js';
import { callNative } from '../native.js';
import { writeSafetensors } from '../weights/safetensors.js';
import type { TensorData } from '../weights/tensor-data.js';
import type { BenchHooks, BenchSettings } from './bench-detect.js';
import { compareSides, type ComparisonResult } from './comparison.js';
import type { DiffusionJob, PipelineJob } from './job.js';
import type { DiffusionWorkload, PipelineWorkload } from './options.js';
import { writeRandomPipeline } from './random-pipeline.js';
import type { SideCommand } from './side-process.js';
import { diffusersSides, ownDiffusionSide, ownPipelineSide } from './sides.js';
import { DIFFUSION_NETWORKS, TEXT_TOKENS, type DiffusionNetworks } from './stable-diffusion.js';

const SEED = 1;

/** With and without the prompt, for one image. */
const UNET_ROWS = 2;

function randomTensor(shape: readonly number[]): TensorData {
  const random = createRandom(SEED);
  const length = shape.reduce((product, side) => product * side, 1);
  // Uniform, with the variance of what the networks see.
  const data = Float32Array.from({ length }, () => (random.uniform() * 2 - 1) * Math.sqrt(3));
  return { dtype: 'F32', shape, data };
}

async function writeNetwork(workload: DiffusionWorkload, networks: DiffusionNetworks, weights: string, signal: AbortSignal): Promise<void> {
  await callNative(signal, (addon, token) =>
    workload === 'unet'
      ? addon.unetRandomWeights(parseUnetConfig(networks.unet, 'unet'), weights, SEED, token)
      : addon.autoencoderKlRandomWeights(parseVaeConfig(networks.vae, 'vae'), weights, SEED, token),
  );
}

function inputsOf(workload: DiffusionWorkload, { unet, latentSize }: DiffusionNetworks): Record<string, TensorData> {
  const latents = (rows: number): TensorData => randomTensor([rows, 4, latentSize, latentSize]);
  if (workload === 'decode') return { latents: latents(1) };
  return { latents: latents(UNET_ROWS), text: randomTensor([UNET_ROWS, TEXT_TOKENS, unet.cross_attention_dim]) };
}

/** Writes what both sides read into `folder`. */
async function writeFiles(
  workload: DiffusionWorkload,
  networks: DiffusionNetworks,
  folder: string,
  signal: AbortSignal,
): Promise<Pick<DiffusionJob, 'config' | 'weights' | 'inputs'>> {
  const file = (ending: string): string => join(folder, `${workload}${ending}`);
  const files = { config: file('.json'), weights: file('.safetensors'), inputs: file('.inputs.safetensors') };
  writeFileSync(files.config, JSON.stringify(workload === 'unet' ? networks.unet : networks.vae));
  await writeNetwork(workload, networks, files.weights, signal);
  await writeSafetensors(files.inputs, inputsOf(workload, networks));
  return files;
}

const PROMPT = 'A face image of a woman smiling. And the woman is 31 years old white and happy.';

const NO_PYTHON = 'No Python to compare with: name one that has torch and diffusers with --python or DEEPCODE_BENCH_PYTHON.';

type Workload = DiffusionWorkload | PipelineWorkload;

/** What the sides are told besides device, dtype and threads, and the programs of the sides. */
interface Prepared {
  job: Pick<DiffusionJob, 'workload' | 'batchSize' | 'config' | 'weights' | 'inputs'> | Pick<PipelineJob, 'workload' | 'batchSize' | 'model' | 'prompt' | 'steps'>;
  own: SideCommand;
  script: 'diffusers_network.py' | 'diffusers_pipeline.py';
}

async function prepare(workload: Workload, settings: BenchSettings, folder: string, signal: AbortSignal): Promise<Prepared> {
  const networks = DIFFUSION_NETWORKS[settings.modelSize];
  if (workload === 'images') {
    const model = join(folder, 'pipeline');
    await writeRandomPipeline(model, networks, SEED, signal);
    const job = { workload, batchSize: 1, model, prompt: PROMPT, steps: settings.steps };
    return { job, own: ownPipelineSide(), script: 'diffusers_pipeline.py' };
  }
  const files = await writeFiles(workload, networks, folder, signal);
  const job = { workload, batchSize: workload === 'unet' ? UNET_ROWS : 1, ...files };
  return { job, own: ownDiffusionSide(), script: 'diffusers_network.py' };
}

async function* compareWorkload(
  workload: Workload,
  settings: BenchSettings,
  folder: string,
  { signal, onProgress }: BenchHooks,
): AsyncGenerator<ComparisonResult> {
  onProgress(`${workload}: writing random weights`);
  const prepared = await prepare(workload, settings, folder, signal);
  const { device, threads, python, repeats: rounds } = settings;
  for (const dtype of settings.dtypes) {
    const label = `${workload} ${dtype}`;
    onProgress(`${label}: starting`);
    const job = { architecture: DIFFUSION_NETWORKS[settings.modelSize].name, dtype, device, threads, ...prepared.job };
    const commands = [prepared.own, ...(python === undefined ? [] : diffusersSides(python, device, prepared.script))];
    const onRound = (round: number): void => onProgress(`${label}: round ${round + 1}/${rounds}`);
    const result = await compareSides(commands, job, { rounds, signal, onRound });
    yield { ...result, missing: [...(python === undefined ? [NO_PYTHON] : []), ...result.missing] };
  }
}

/** An image of 50 steps takes a processor minutes: there it is measured when asked for. */
function workloadsOf({ workload, device }: BenchSettings): Workload[] {
  if (workload === 'all') return device === 'cpu' ? ['unet', 'decode'] : ['unet', 'decode', 'images'];
  return [workload as Workload];
}

/** Yields one comparison after the other. Rejects with AbortError, or with what our own side fails with. */
export async function* benchGenerate(settings: BenchSettings, hooks: BenchHooks): AsyncGenerator<ComparisonResult> {
  const folder = mkdtempSync(join(tmpdir(), 'deepcode-bench-'));
  try {
    for (const workload of workloadsOf(settings)) yield* compareWorkload(workload, settings, folder, hooks);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
