/** The addon's weight files. Everything runs on the libuv pool; no libtorch operator is involved. */
import type { Disposable } from './bindings.js';

export interface NativeTensorInfo {
  name: string;
  /** As in the file: "F32", "BF16", ... */
  dtype: string;
  shape: number[];
  /** The file that holds it, without folder. */
  file: string;
}

export interface NativeWeights extends Disposable {
  tensors: NativeTensorInfo[];
  /** Pairs, sorted by key. */
  metadata: [string, string][];
}

export interface NativeTensorData {
  name: string;
  dtype: string;
  shape: readonly number[];
  data: ArrayBufferView;
}

export interface WeightsBindings {
  /** A .safetensors file, or an index (*.json) with its shards. */
  weightsOpen(path: string): Promise<NativeWeights>;
  weightsRead(weights: NativeWeights, name: string): Promise<Uint8Array>;
  /** The data must not be written to or transferred until the promise settles. */
  weightsWrite(path: string, tensors: NativeTensorData[], metadata: [string, string][]): Promise<void>;
  /** The names in transformers' ViT whose tensors, joined, make timm's; `prefix` stands before "embeddings.". */
  weightsHfVitNames(timmName: string, prefix: string): string[] | null;
  /** Which part of which timm tensor a name in transformers' ViT is. */
  weightsTimmSlice(hfName: string, prefix: string): { name: string; part: number; parts: number } | null;
  /** What a name in a PEFT file stands for; `name` is how PEFT writes it today. */
  weightsPeftKey(
    name: string,
  ): { part: 'loraA' | 'loraB' | 'saved'; module: string; parameter: string; name: string } | null;
}
