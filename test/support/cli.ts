/** Runs the command line of this checkout's sources in a child process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

export interface CliResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  /** Written to standard input, which is then closed; null: nothing is written, and it stays open. */
  input?: Uint8Array | null;
  env?: Readonly<Record<string, string>>;
  /** The descriptor of a file that takes the place of the pipe. */
  stdout?: number;
  /** Called with the process right after its start, to send signals or close its pipes. */
  onStart?: (child: ChildProcess) => void;
}

/** stderr and stdout are pipes, as in a script. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const command = ['--import', 'tsx', join(ROOT, 'ts', 'cli', 'main.ts'), ...args];
  // One thread: on a busy machine, threads of a small network mostly wait for each other.
  const env = { ...process.env, NO_COLOR: '1', OMP_NUM_THREADS: '1', ...options.env };
  const child = spawn(process.execPath, command, {
    cwd: ROOT,
    env,
    stdio: ['pipe', options.stdout ?? 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin!.on('error', () => undefined);
  if (options.input !== null) child.stdin!.end(options.input);
  options.onStart?.(child);
  return new Promise((resolve, reject) => {
    child
      .on('error', reject)
      .on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** The objects of JSON lines. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
