/** Runs test/binding/children/in-flight.cjs many times and counts how the processes ended. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeRandomVit } from './random-vit.js';

const CHILD = join(__dirname, '..', 'binding', 'children', 'in-flight.cjs');

export interface Ending {
  /** The exit status, or null when a signal ended the process. */
  status: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
}

export const ACTIONS = {
  exit: { status: 0, signal: null },
  throw: { status: 1, signal: null },
  sigterm: { status: null, signal: 'SIGTERM' },
  sigint: { status: null, signal: 'SIGINT' },
  dispose: { status: 0, signal: null },
  terminate: { status: 0, signal: null },
} as const;

export type Action = keyof typeof ACTIONS;

/** `tries` processes, each interrupted a few milliseconds later than the one before. */
export function runInFlight(action: Action, tries: number): Ending[] {
  const directory = mkdtempSync(join(tmpdir(), 'deepcode-in-flight-'));
  try {
    writeRandomVit(directory, { embedDim: 192, depth: 12, numHeads: 3, imageSize: 224 });
    return Array.from({ length: tries }, (_, attempt) => {
      const delay = String(3 + 7 * attempt);
      const child = spawnSync(process.execPath, [CHILD, action, directory, delay], { encoding: 'utf8', timeout: 60_000 });
      return { status: child.status, signal: child.signal, stderr: child.stderr };
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
