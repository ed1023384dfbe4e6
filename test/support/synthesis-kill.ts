/** Starts synthesis-child.ts, and kills it. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SynthesisProgress, SynthesizeOptions } from '../../ts/synthesize/options.js';
import { imagesOf } from './synthesis.js';

const CHILD = join(__dirname, 'synthesis-child.ts');
// One thread: on a busy machine, threads of a small network mostly wait for each other.
const ENVIRONMENT = { ...process.env, OMP_NUM_THREADS: '1' };

export interface ChildEnding {
  /** The exit status, or null when it was killed. */
  status: number | null;
  stderr: string;
  /** What it printed. */
  events: { phase: string; done: number; bytes: number }[];
}

/** `kill -9` this many milliseconds after this many events of one phase. */
export interface Kill {
  phase: SynthesisProgress['phase'];
  events: number;
  delay: number;
}

function eventsOf(output: string): ChildEnding['events'] {
  const lines = output.slice(0, output.lastIndexOf('\n') + 1).split('\n').filter(Boolean);
  return lines.map((line) => {
    const [phase = '', done, bytes] = line.split(' ');
    return { phase, done: Number(done), bytes: Number(bytes) };
  });
}

/** Runs a synthesis in a child, to its end or until it is killed. */
export function synthesizeInChild(options: SynthesizeOptions, kill?: Kill, flags: readonly string[] = []): Promise<ChildEnding> {
  const child = spawn(process.execPath, [...flags, '--import', 'tsx', CHILD, JSON.stringify(options)], {
    env: ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let armed = kill !== undefined;
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
    if (!armed || !kill || eventsOf(stdout).filter(({ phase }) => phase === kill.phase).length < kill.events) return;
    armed = false;
    setTimeout(() => child.kill('SIGKILL'), kill.delay);
  });
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stderr, events: eventsOf(stdout) })));
}

/** Names and contents of a finished synthesis; records without their order, which interruptions change. */
export function contentsOf(folder: string): Record<string, unknown> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => statSync(join(folder, name)).isFile() && !['manifest.jsonl', 'config.json'].includes(name));
  return { ...Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name)).toString('base64')])), records: imagesOf(folder) };
}
