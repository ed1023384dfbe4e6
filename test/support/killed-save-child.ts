/** Arguments: target folder, stage. Saves as the test does and kills itself at the stage. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomicFolder } from '../../ts/weights/atomic-folder.js';

const [target, stage] = process.argv.slice(2) as [string, string];

function killAt(reached: string): void {
  if (reached === stage) process.kill(process.pid, 'SIGKILL');
}

async function fill(folder: string): Promise<void> {
  mkdirSync(join(folder, 'deep'));
  writeFileSync(join(folder, 'a.txt'), 'new');
  killAt('amid');
  writeFileSync(join(folder, 'deep', 'b.txt'), 'new'.repeat(1000));
}

void writeAtomicFolder(target, fill, killAt);
