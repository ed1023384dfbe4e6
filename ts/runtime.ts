/** Process-wide settings of the compute runtime: devices, dtypes, threads. */
import { DeepcodeError, invalidArgument } from './errors.js';
import { native } from './native.js';
import type { RuntimeInfo } from './native/bindings.js';
import { RUNTIME_OPTIONS, resolveOptions, type Given, type Resolved } from './options.js';

export type RuntimeOptions = Given<typeof RUNTIME_OPTIONS>;
export type Dtype = 'fp32' | 'bf16' | 'fp16';

export interface ResolvedRuntime {
  /** "cpu" or "cuda:N". */
  device: string;
  dtype: Dtype;
}

/** What libtorch found on this machine. Loads the addon on first use. */
export function runtimeInfo(): RuntimeInfo {
  return native().runtimeInfo();
}

/** Threads an operator may use on the processor; 0 restores libtorch's default. */
export function setThreads(threads: number): void {
  const checked = resolveOptions(RUNTIME_OPTIONS, { threads });
  native().setThreads(checked.threads);
}

/** Throws TypeError or RangeError for wrong options; loads nothing. */
export function checkRuntimeOptions(options: RuntimeOptions = {}): Resolved<typeof RUNTIME_OPTIONS> {
  const given = resolveOptions(RUNTIME_OPTIONS, options);
  if (/^(auto|cpu|cuda(:\d{1,3})?)$/.test(given.device)) return given;
  throw invalidArgument('device', 'auto, cpu, cuda or cuda:N', given.device);
}

function resolveDevice(device: string): string {
  if (device === 'auto') return runtimeInfo().cuda.available ? 'cuda:0' : 'cpu';
  return device === 'cuda' ? 'cuda:0' : device;
}

function resolveDtype(dtype: Resolved<typeof RUNTIME_OPTIONS>['dtype'], device: string): Dtype {
  if (dtype === 'auto') return device === 'cpu' ? 'fp32' : 'fp16';
  if (dtype === 'fp16' && device === 'cpu') {
    throw new DeepcodeError('ERR_DTYPE', 'fp16 is slow and imprecise on a processor. Use bf16 or fp32.');
  }
  return dtype;
}

/** Turns `auto` into what this machine has. A device it lacks is refused later, by the addon. */
export function resolveRuntime(options: RuntimeOptions = {}): ResolvedRuntime {
  const given = checkRuntimeOptions(options);
  const device = resolveDevice(given.device);
  if (given.threads > 0) setThreads(given.threads);
  return { device, dtype: resolveDtype(given.dtype, device) };
}
