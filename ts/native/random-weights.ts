/** Checkpoints with random values, for measurements: half precision, published keys, the same for the same seed. */
import type { NativeAutoencoderKlOptions } from './autoencoder-kl.js';
import type { CancelToken } from './bindings.js';
import type { NativeGpt2Options } from './captioner.js';
import type { NativeVitOptions } from './detector.js';
import type { NativeXceptionOptions } from './fair-detector.js';
import type { NativeUnetOptions } from './unet.js';

export interface RandomWeightsBindings {
  unetRandomWeights(options: NativeUnetOptions, path: string, seed: number, token: CancelToken): Promise<void>;
  captionerRandomWeights(
    networks: { encoder: NativeVitOptions; decoder: NativeGpt2Options },
    path: string,
    seed: number,
    token: CancelToken,
  ): Promise<void>;
  /** VGG-19 at full size, torchvision's keys. */
  vgg19RandomWeights(path: string, seed: number, token: CancelToken): Promise<void>;
  /** timm's keys. */
  xceptionRandomWeights(options: NativeXceptionOptions, path: string, seed: number, token: CancelToken): Promise<void>;
  autoencoderKlRandomWeights(options: NativeAutoencoderKlOptions, path: string, seed: number, token: CancelToken): Promise<void>;
}
