/** A process that is killed inside writeAtomicFolder. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export type KillStage = 'created' | 'amid' | 'written' | 'synced' | 'replacing' | 'renamed';

/** Runs a child that saves the content "new" to `target` and is killed with SIGKILL at `stage`. */
export function killedSave(target: string, stage: KillStage): void {
  const child = join(__dirname, 'killed-save-child.ts');
  const args = ['--import', 'tsx', child, target, stage];
  const { signal, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
  assert.equal(signal, 'SIGKILL', stderr);
}
