/** The addon and libtorch, tried in a child process: a binary that crashes must not take this one along. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../../native/toolchain/paths.cjs';
import {
  type Libtorch,
  type RejectedLibtorch,
  resolveRuntime,
} from '../../native/toolchain/runtime-libtorch.cjs';
import type { RuntimeInfo } from '../native/bindings.js';

const LOAD_TIMEOUT_MS = 120_000;

export interface AddonReport {
  /** Undefined when there is none that fits the libtorch that was found. */
  path: string | undefined;
  kind: 'built' | 'prebuilt' | undefined;
  /** What a local build recorded. */
  compiler: string | undefined;
  builtAt: string | undefined;
  loads: boolean;
  /** Why it does not load, in the loader's words. */
  error: string | undefined;
}

export interface RuntimeReport {
  libtorch: Libtorch | undefined;
  /** Places that were looked at before, and why they were not taken. */
  rejected: RejectedLibtorch[];
  addon: AddonReport;
  /** What the loaded addon says of itself. */
  info: RuntimeInfo | undefined;
}

interface Trial {
  info?: RuntimeInfo;
  error?: string;
}

function tryLoad(addon: string, libtorch: Libtorch): Trial {
  const script = join(projectRoot, 'native', 'toolchain', 'load-check.cjs');
  const child = spawnSync(process.execPath, [script, addon, libtorch.lib], {
    encoding: 'utf8',
    timeout: LOAD_TIMEOUT_MS,
  });
  if (child.status === 0) return { info: JSON.parse(child.stdout) as RuntimeInfo };
  if (child.signal !== null) return { error: `it ended with ${child.signal}` };
  return { error: child.stderr.trim().split('\n')[0] ?? 'it gave no reason' };
}

export function readRuntime(env: NodeJS.ProcessEnv = process.env): RuntimeReport {
  const { addon: path, libtorch, record, rejected } = resolveRuntime(env);
  const trial = path !== undefined && libtorch !== undefined ? tryLoad(path, libtorch) : undefined;
  const built = path?.startsWith(join(projectRoot, 'build')) ?? false;
  const addon: AddonReport = {
    path,
    kind: path === undefined ? undefined : built ? 'built' : 'prebuilt',
    compiler: built ? record?.compiler : undefined,
    builtAt: built ? record?.builtAt : undefined,
    loads: trial?.info !== undefined,
    error: trial?.error,
  };
  return { libtorch, rejected, addon, info: trial?.info };
}
