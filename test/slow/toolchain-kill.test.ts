import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killFetches } from '../support/fetch-kill.js';

describe('fetching libtorch, killed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'deepcode-kill-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('finishes the job after kill -9 at 50 moments', async () => {
    let next = 0;
    await killFetches(() => join(folder, String(next++)), 50);
  });
});
