import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killFetches } from '../support/fetch-kill.js';

describe('fetching, killed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'deepcode-kill-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const name of ['libtorch', 'cmake'] as const) {
    it(`finishes the job of fetching ${name} after kill -9 at 50 moments`, async () => {
      let next = 0;
      await killFetches(() => join(folder, `${name}-${next++}`), 50, name);
    });
  }
});
