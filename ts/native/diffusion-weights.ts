/** What key maps and LoRA files make of Stable Diffusion's weights, without a network. */
import type { CancelToken } from './bindings.js';

/** A network of a single-file checkpoint, by the name of its folder in diffusers' layout. */
export type StableDiffusionPart = 'unet' | 'vae' | 'text_encoder';

export interface SingleFileTensor {
  /** diffusers' name; the original one where there is no other. */
  name: string;
  /** The name in the file. */
  original: string;
  dtype: string;
  shape: number[];
}

export interface NativeLora {
  /** A .safetensors file. */
  path: string;
  /** Finite; what the file's own alpha / rank is multiplied by. */
  scale: number;
}

export interface DiffusionWeightsBindings {
  /** The tensors of one network. Rejects with ERR_WEIGHTS_MISSING, ERR_WEIGHTS_FORMAT, ERR_IO. */
  singleFileTensors(path: string, part: StableDiffusionPart): Promise<SingleFileTensor[]>;
  /**
   * Weights with LoRA files merged into them, in their order, as fp32 by name; the text encoder's by the names of
   * native/models/clip_text.h. `unet` and `textEncoder` are paths. Rejects with ERR_WEIGHTS_* naming keys.
   */
  diffusionLoraMerge(
    spec: { unet: string; textEncoder: string; loras: readonly NativeLora[] },
    token: CancelToken,
  ): Promise<{
    unet: Record<string, Float32Array>;
    textEncoder: Record<string, Float32Array>;
    /** A layer counts once for every file. */
    changedLayers: number;
  }>;
}
