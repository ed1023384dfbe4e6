import { strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const CHILD = join(__dirname, 'children', 'workers.cjs');

/** Each scenario runs in a process of its own: what it guards against ends the process. */
describe('Workers', () => {
  const run = (scenario: string): void => {
    const child = spawnSync(process.execPath, [CHILD, scenario], { encoding: 'utf8', timeout: 110_000 });
    strictEqual(child.stdout.trim(), 'survived', `${child.signal ?? child.status}: ${child.stderr}`);
  };

  it('leave the main thread able to compute when they end', () => run('exit'));
  it('may be terminated while their calls are being rejected', () => run('reject'));
  it('may be terminated while their calls are being resolved', () => run('resolve'));
});
