/** The addon's interface. Every field of every options object is required: defaults live in TypeScript. */

/** What the runtime found when the addon was loaded. */
export interface RuntimeInfo {
  /** libtorch's version, for example "2.13.0". */
  torch: string;
  /** The instruction set that libtorch's kernels were chosen for: "AVX512", "AVX2" or "DEFAULT". */
  cpuCapability: string;
  /** Threads an operator may use. */
  threads: number;
  cuda: { available: boolean; librariesLoaded: boolean; reason: string; devices: string[] };
}

export interface Disposable {
  /** Frees the native memory. Idempotent; calls in flight finish. */
  dispose(): void;
}

export interface CancelToken extends Disposable {
  cancel(): void;
}

export interface NativeBindings {
  initialize(options: { libtorchDirectory: string }): void;
  runtimeInfo(): RuntimeInfo;
  /** 0: libtorch's default. */
  setThreads(threads: number): void;
  shutdown(): void;
  newCancelToken(): CancelToken;
  synchronize(device: string): Promise<void>;
}
