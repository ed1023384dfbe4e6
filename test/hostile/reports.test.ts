/** Folders for reports and pictures that cannot be written to: known before any image is scored. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MOUNTING_SHELL, requireMounting } from '../support/mounting.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const MAIN = join(__dirname, '..', '..', 'ts', 'cli', 'main.ts');
const SAMPLES = join(__dirname, '..', 'data', 'samples');

describe('a folder on a read-only disk', () => {
  const at = useTemporaryFolder();

  /** Runs a command while the folder `out` is on a disk of its own. */
  function withReadOnlyOut(command: readonly string[]): { status: number | null; stdout: string; stderr: string } {
    mkdirSync(at('out'));
    const script = `mount -t tmpfs -o ro tmpfs '${at('out')}' && exec "$@"`;
    const [program, ...args] = MOUNTING_SHELL;
    const cli = [process.execPath, '--import', 'tsx', MAIN, ...command, '--device', 'cpu', '--json'];
    return spawnSync(program, [...args, script, 'sh', ...cli], { encoding: 'utf8', env: { ...process.env, OMP_NUM_THREADS: '1' } });
  }

  function writeSamples(): string {
    for (const label of ['real', 'fake']) {
      mkdirSync(at('samples', label), { recursive: true });
      const name = readdirSync(SAMPLES).find((file) => file.startsWith(`${label}-`))!;
      cpSync(join(SAMPLES, name), at('samples', label, name));
    }
    return at('samples');
  }

  const COMMANDS: Record<string, (samples: string) => string[]> = {
    'eval --out': (samples) => ['eval', '--data', samples, '--out', at('out')],
    'detect --heatmap': (samples) => ['detect', samples, '--heatmap', at('out')],
  };
  for (const [name, command] of Object.entries(COMMANDS)) {
    it(`of ${name}`, function () {
      requireMounting(this);
      const { status, stdout, stderr } = withReadOnlyOut(command(writeSamples()));
      assert.equal(stdout, '', 'nothing was scored');
      assert.match(stderr, /^deepcode: Cannot write out: the file system is read-only\. Choose another folder\. \[ERR_IO\]\n$/);
      assert.notEqual(status, 0);
    });
  }
});
