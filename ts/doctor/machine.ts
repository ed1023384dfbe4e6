/** What this machine is, read from the system without running anything. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, freemem, release, totalmem } from 'node:os';

/** Instruction sets that decide which kernels run, by the names of /proc/cpuinfo. */
const CPU_FEATURES = [
  'avx2',
  'fma',
  'avx512f',
  'avx512_bf16',
  'avx512_vnni',
  'amx_tile',
  'amx_bf16',
  'amx_int8',
] as const;

export type CpuFeature = (typeof CPU_FEATURES)[number];

export interface CpuReport {
  model: string;
  cores: number;
  /** For each instruction set, whether the processor has it. */
  features: Record<CpuFeature, boolean>;
  /** Whether bf16 arithmetic runs in hardware. Without it, weights are rounded to bf16 and the arithmetic is fp32. */
  bf16: boolean;
}

export interface SystemReport {
  platform: string;
  kernel: string;
  /** Undefined on systems without glibc, which are not supported. */
  glibc: string | undefined;
  memoryBytes: number;
  freeMemoryBytes: number;
}

function cpuFlags(): Set<string> {
  try {
    return new Set(/^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.trim().split(/\s+/));
  } catch {
    return new Set();
  }
}

export function readCpu(): CpuReport {
  const flags = cpuFlags();
  const features = Object.fromEntries(CPU_FEATURES.map((name) => [name, flags.has(name)])) as Record<
    CpuFeature,
    boolean
  >;
  return {
    model: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    features,
    bf16: features.avx512_bf16 || features.amx_bf16,
  };
}

function glibcVersion(): string | undefined {
  const { report } = process;
  if (report === undefined) return undefined;
  (report as { excludeNetwork?: boolean }).excludeNetwork = true; // names are slow to look up
  const { header } = report.getReport() as unknown as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime;
}

export function readSystem(): SystemReport {
  return {
    platform: `${process.platform}-${process.arch}`,
    kernel: release(),
    glibc: glibcVersion(),
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
  };
}
