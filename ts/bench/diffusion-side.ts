/** Process of a comparison: this package's networks of Stable Diffusion. */
import { readFileSync } from 'node:fs';
import { parseUnetConfig } from '../generate/config/unet-config.js';
import { parseVaeConfig } from '../generate/config/vae-config.js';
import { callNative } from '../native.js';
import { packageVersion } from '../package-version.js';
import { runtimeInfo, setThreads } from '../runtime.js';
import { readSafetensors } from '../weights/safetensors.js';
import { toFloat32Array, type TensorData } from '../weights/tensor-data.js';
import type { DiffusionJob, SideReady } from './job.js';
import { jobOfArguments, serve, WARM_UP } from './serve.js';

/** Of the values of the result; diffusers_network.py takes the same ones. */
const COMPARED = 4096;

/** Somewhere amid the noise levels. */
const TIMESTEP = 500;

type Iteration = () => Promise<Float32Array>;

async function unet({ config, weights, device, dtype }: DiffusionJob, inputs: Map<string, TensorData>): Promise<Iteration> {
  const [count, , height, width] = inputs.get('latents')!.shape as [number, number, number, number];
  const tokens = inputs.get('text')!.shape[1]!;
  const options = parseUnetConfig(JSON.parse(readFileSync(config, 'utf8')), 'unet');
  const spec = { unet: options, weights, device, dtype, cudaGraphs: true, batchSize: count, height, width, tokens };
  const network = await callNative(undefined, (addon, token) => addon.unetLoad(spec, token));
  const [latents, text] = ['latents', 'text'].map((name) => toFloat32Array(inputs.get(name)!)) as [Float32Array, Float32Array];
  const timesteps = new Float32Array(count).fill(TIMESTEP);
  const input = { count, height, width, latents, timesteps, text, timestepCond: null };
  return () => callNative(undefined, (_, token) => network.forward(input, token));
}

async function decode({ config, weights, device, dtype }: DiffusionJob, inputs: Map<string, TensorData>): Promise<Iteration> {
  const [count, , height, width] = inputs.get('latents')!.shape as [number, number, number, number];
  const vae = parseVaeConfig(JSON.parse(readFileSync(config, 'utf8')), 'vae');
  const spec = { vae, weights, device, dtype, batchSize: count, height, width };
  const network = await callNative(undefined, (addon, token) => addon.autoencoderKlLoad(spec, token));
  const latents = { data: toFloat32Array(inputs.get('latents')!), count, height, width };
  const whole = { slicing: false, tiling: false };
  return () => callNative(undefined, (_, token) => network.decode(latents, whole, token));
}

async function main(): Promise<void> {
  const job = jobOfArguments<DiffusionJob>();
  setThreads(job.threads);
  const { tensors } = await readSafetensors(job.inputs);
  const iteration = await (job.workload === 'unet' ? unet : decode)(job, tensors);
  const ready = async (): Promise<SideReady> => {
    const values = await iteration();
    const stride = Math.max(1, Math.floor(values.length / COMPARED));
    const logits = [...values].filter((_, i) => i % stride === 0);
    return { name: `deepcode ${packageVersion()}`, libtorch: runtimeInfo().torch, logits };
  };
  // Seconds long on a processor: the iteration of ready() is warm-up enough there.
  await serve(iteration, ready, job.device === 'cpu' ? 0 : WARM_UP);
}

void main();
