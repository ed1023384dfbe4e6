/** `deepcode doctor`: what was found on this machine, and what to do about what is missing. */
import { projectRoot } from '../native/toolchain/paths.cjs';
import { type RuntimeReport, readRuntime } from './doctor/addon.js';
import { type CacheReport, readCache } from './doctor/cache.js';
import { type CpuReport, readCpu, readSystem, type SystemReport } from './doctor/machine.js';
import { formatReport } from './doctor/text.js';
import { adviseOnTools, readTools, type ToolsReport } from './doctor/tools.js';
import { packageVersion } from './package-version.js';

export interface DoctorReport {
  deepcode: { version: string; directory: string };
  node: { version: string; napi: string; modules: string };
  system: SystemReport;
  cpu: CpuReport;
  runtime: RuntimeReport;
  cache: CacheReport;
  tools: ToolsReport;
  /** Whether the addon loads, which is what everything else needs. */
  ok: boolean;
  /** What to do, most urgent first. Empty when there is nothing to do. */
  advice: string[];
}

const BUILD = 'npm rebuild deepcode (in a checkout: npm run build)';

function adviseOnLibtorch({ runtime }: Omit<DoctorReport, 'advice'>): string[] {
  const asked = runtime.rejected.find(({ source }) => source === 'DEEPCODE_LIBTORCH');
  if (asked) return [`DEEPCODE_LIBTORCH is ${asked.root}, but ${asked.reason}. Correct or unset it.`];
  return runtime.libtorch ? [] : [`There is no libtorch. One is downloaded by: ${BUILD}`];
}

function adviseOnAddon({ runtime }: Omit<DoctorReport, 'advice'>): string[] {
  const { addon, libtorch } = runtime;
  if (libtorch === undefined || addon.loads) return [];
  if (addon.path === undefined)
    return [`There is no addon for libtorch ${libtorch.version}. Build it: ${BUILD}`];
  return [`The addon does not load (${addon.error}). Build it again: ${BUILD}`];
}

function adviseOnSpeed({ runtime, cpu, cache }: Omit<DoctorReport, 'advice'>): string[] {
  const cuda = runtime.info?.cuda;
  return [
    ...(runtime.libtorch?.cuda && cuda && !cuda.available ? [`CUDA cannot be used: ${cuda.reason}`] : []),
    ...(cpu.features.avx2 ? [] : ['This processor has no AVX2; expect a fraction of the usual speed.']),
    ...(cache.writable
      ? []
      : [`The cache folder ${cache.directory} cannot be written. Set DEEPCODE_CACHE to one that can.`]),
  ];
}

/**
 * Looks at everything that deepcode needs. Never throws for what it finds, also not when there is no
 * addon or it crashes: it is loaded in a child process.
 */
export function examine(env: NodeJS.ProcessEnv = process.env): DoctorReport {
  const runtime = readRuntime(env);
  const { node, napi = '', modules } = process.versions;
  const facts = {
    deepcode: { version: packageVersion(), directory: projectRoot },
    node: { version: node, napi, modules },
    system: readSystem(),
    cpu: readCpu(),
    runtime,
    cache: readCache(env),
    tools: readTools(env),
    ok: runtime.addon.loads,
  };
  const advice = [
    ...adviseOnLibtorch(facts),
    ...adviseOnAddon(facts),
    ...(facts.ok ? [] : adviseOnTools(facts.tools, env)),
    ...adviseOnSpeed(facts),
  ];
  return { ...facts, advice };
}

export { formatReport };
