/** A UNet in a diffusers folder with what diffusers predicts, as test/parity/unet/generate.py writes them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseUnetConfig } from '../../ts/generate/config/unet-config.js';
import { callNative } from '../../ts/native.js';
import type { NativeUnet, NativeUnetInput, NativeUnetSpec } from '../../ts/native/unet.js';
import { floatsOf, readSafetensors } from './read-safetensors.js';

export interface ExpectedUnet {
  input: Omit<NativeUnetInput, 'timesteps'>;
  timesteps: Float32Array;
  /** One a timestep, of the whole batch. */
  outputs: readonly Float32Array[];
}

export function expectedUnet(folder: string): ExpectedUnet {
  const tensors = readSafetensors(join(folder, 'expected.safetensors'));
  const [count, , height, width] = tensors.get('latents')!.shape as [number, number, number, number];
  const timesteps = floatsOf(tensors, 'timesteps');
  return {
    input: {
      count,
      height,
      width,
      latents: floatsOf(tensors, 'latents'),
      text: floatsOf(tensors, 'text'),
      timestepCond: tensors.has('timestep_cond') ? floatsOf(tensors, 'timestep_cond') : null,
    },
    timesteps,
    outputs: Array.from(timesteps, (_, i) => floatsOf(tensors, `output.${i}`)),
  };
}

/** The folder's network on the processor in fp32, but for `changes`. */
export function openUnet(folder: string, changes: Partial<NativeUnetSpec> = {}): Promise<NativeUnet> {
  const config: unknown = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  const spec: NativeUnetSpec = {
    unet: parseUnetConfig(config, 'config.json'),
    weights: join(folder, 'diffusion_pytorch_model.safetensors'),
    device: 'cpu',
    dtype: 'fp32',
    cudaGraphs: true,
    batchSize: 2,
    height: 8,
    width: 8,
    tokens: 5,
    ...changes,
  };
  return callNative(undefined, (addon, token) => addon.unetLoad(spec, token));
}
