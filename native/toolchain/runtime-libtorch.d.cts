/** A libtorch folder. */
export interface Libtorch {
  root: string;
  /** Undefined where there are no headers: such a libtorch can run the addon but not build it. */
  include: string | undefined;
  lib: string;
  /** For example "2.13.0+cpu". */
  version: string;
  /** Whether it is a CUDA build. */
  cuda: boolean;
  cxx11abi: boolean;
  /** How it was found: DEEPCODE_LIBTORCH, python, cache. */
  source: string;
}

/** A place that was looked at and why it was not taken. */
export interface RejectedLibtorch {
  source: string;
  root: string;
  reason: string;
}

/** What a build wrote beside the addon. */
export interface BuildRecord {
  root: string;
  version: string;
  source: string;
  compiler: string;
  cmake: string;
  builtAt: string;
}

export interface Runtime {
  /** The addon that fits `libtorch`. */
  addon?: string;
  libtorch?: Libtorch;
  record?: BuildRecord;
  rejected: RejectedLibtorch[];
}

/** The addon and the libtorch to run it with. Starts Python only when no build has recorded a libtorch. */
export function resolveRuntime(env?: NodeJS.ProcessEnv): Runtime;

/** The first usable libtorch; `record` is what a build recorded. */
export function findInstalled(
  env?: NodeJS.ProcessEnv,
  record?: Pick<BuildRecord, 'root' | 'source'>,
): Pick<Runtime, 'libtorch' | 'rejected'>;
