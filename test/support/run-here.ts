/** Runs the command line inside this process: what needs no process of its own is tested without its cost. */
import { PassThrough } from 'node:stream';
import { Output } from '../../ts/cli/output.js';
import { runCommand } from '../../ts/cli/run.js';
import type { CliResult } from './cli.js';

export async function runHere(args: readonly string[]): Promise<Pick<CliResult, 'code' | 'stdout' | 'stderr'>> {
  const [stdout, stderr] = [new PassThrough({ highWaterMark: 1 << 24 }), new PassThrough({ highWaterMark: 1 << 24 })];
  const output = new Output(stdout, stderr, {});
  const code = await runCommand(args, { output, signal: new AbortController().signal, exitCode: 0 });
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}
