/** What a side is told to run: the last argument of its process, as JSON. test/bench/side.py reads the same. */
import type { BenchDtype, BenchWorkload, DiffusionWorkload, FaceWorkload, MemoryWorkload, PipelineWorkload } from './options.js';

/** What every job says. */
export interface SideJob {
  workload: BenchWorkload | DiffusionWorkload | PipelineWorkload | FaceWorkload | MemoryWorkload;
  architecture: string;
  batchSize: number;
  dtype: BenchDtype;
  /** "cpu" or "cuda:N". */
  device: string;
  threads: number;
}

/** A network of Stable Diffusion. test/bench/diffusers_network.py reads the same. */
export interface DiffusionJob extends SideJob {
  workload: DiffusionWorkload;
  /** config.json as diffusers has it. */
  config: string;
  /** A .safetensors file of half precision with random values. */
  weights: string;
  /** A .safetensors file: latents, and for the UNet text. */
  inputs: string;
}

/** Stable Diffusion from a prompt to pixels. test/bench/diffusers_pipeline.py reads the same. */
export interface PipelineJob extends SideJob {
  workload: PipelineWorkload;
  /** A folder as diffusers has it. */
  model: string;
  prompt: string;
  steps: number;
}

/** A picture with a face, and the networks that read it. */
export interface AttributesJob extends SideJob {
  workload: 'attributes';
  /** Folder of BlazeFace, GEAR and mini-Xception as safetensors. */
  models: string;
  /** width x height x 3 bytes. */
  image: string;
  width: number;
  height: number;
  /** For @vladmandic/human: its build for WASM, the folder of the binaries of that backend, and the folder of its models. */
  human?: { library: string; wasm: string; models: string };
}

/** Captions by beam search. test/bench/transformers_caption.py reads the same. */
export interface CaptionJob extends SideJob {
  workload: 'caption';
  /** A folder of transformers with config.json and model.safetensors. */
  model: string;
  /** imageSize x imageSize x 3 bytes. */
  image: string;
  imageSize: number;
  beams: number;
  maxLength: number;
}

/** The detector that ships, on images of the package. */
export interface MemoryJob extends SideJob {
  workload: MemoryWorkload;
  /** Predictions before the first reading of the memory, and between it and the second. */
  warmUp: number;
  predictions: number;
}

export interface BenchJob extends SideJob {
  workload: BenchWorkload;
  /** timm's name; two classes. */
  architecture: string;
  /** model.safetensors with random weights. */
  weights: string;
  /** batchSize x imageSize x imageSize x 3 bytes. */
  images: string;
  /** Pixels a side. */
  imageSize: number;
  /** Per channel, of values from 0 to 1. */
  mean: readonly number[];
  std: readonly number[];
  lora: { rank: number; alpha: number; dropout: number; targets: readonly string[] };
  /** onnxruntime-node's main file, and the same model as ONNX. */
  onnx?: { library: string; model: string };
}

/** The line with which a side says that it is warm. */
export interface SideReady {
  /** Name and version: "timm 1.0.29". */
  name: string;
  /** Version of the libtorch it runs on; none for onnxruntime. */
  libtorch?: string;
  /** What came out for the job's images, or a part of it; none for training. */
  logits?: readonly number[];
  /** Floating-point operations of the matrix products, convolutions and attention of an iteration, where the side has counted them. */
  flops?: number;
  /** The same a second, of a large square matrix product on this device, in this dtype and with these threads. */
  ceiling?: number;
}

/** The answer to "N": how long N iterations took. */
export interface SideTimes {
  /** By the clock. */
  seconds: number;
  /** Of processor time, over all threads. */
  cpuSeconds: number;
  /** The most memory that the process has held so far. */
  peakBytes: number;
}

/** The same of a side that runs in Node. */
export interface NodeSideTimes extends SideTimes {
  /** The memory that the process holds now. */
  residentBytes: number;
}
