/** Disks that are full or read-only, for one process and its children alone. */
import { spawnSync } from 'node:child_process';

/** A shell that may mount, seen by nobody else. */
export const MOUNTING_SHELL = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c'] as const;

/** Skips the test, by name, where a tmpfs cannot be mounted. */
export function requireMounting(test: Mocha.Context): void {
  const [program, ...args] = MOUNTING_SHELL;
  if (spawnSync(program, [...args, 'mount -t tmpfs tmpfs /mnt']).status === 0) return;
  test.test!.skipReason = 'a tmpfs cannot be mounted on this machine';
  test.skip();
}
