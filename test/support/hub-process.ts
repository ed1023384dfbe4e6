import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { type ResolveOptions } from '../../ts/hub/index.js';

export interface HubOutcome {
  folder?: string;
  code?: string;
  message?: string;
}

/** A running `resolveModel('org/model')` in another process. */
export interface HubProcess {
  child: ChildProcess;
  /** Undefined when the process was killed before it had an answer. */
  outcome: Promise<HubOutcome | undefined>;
}

/** @param wrapper a command that the process is started by, for instance ['unshare', '-rm', ...] */
export function spawnResolve(options: ResolveOptions, wrapper: string[] = []): HubProcess {
  const script = join(__dirname, 'hub-child.ts');
  const job = JSON.stringify({ id: 'org/model', options });
  const [command, ...args] = [...wrapper, process.execPath, '--import', 'tsx', script, job];
  const env = { ...process.env, NODE_OPTIONS: '' };
  const child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
  let output = '';
  child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const outcome = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve());
  }).then(() => (output === '' ? undefined : (JSON.parse(output) as HubOutcome)));
  return { child, outcome };
}
