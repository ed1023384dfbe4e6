import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagesInSync } from '../../../native/toolchain/packages.mjs';

describe('packagesInSync', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'deepcode-packages-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const wanted = (packages: object): void => {
    writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...packages } }));
  };
  const installed = (packages: Record<string, object>): void => {
    for (const path of Object.keys(packages)) {
      mkdirSync(join(root, path), { recursive: true });
      writeFileSync(join(root, path, 'package.json'), '{}');
    }
    mkdirSync(join(root, 'node_modules'), { recursive: true });
    writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages }));
  };

  it('is false before anything is installed', () => {
    wanted({ 'node_modules/a': { version: '1.0.0' } });
    assert.equal(packagesInSync(root), false);
  });

  it('is true when every package has its version', () => {
    wanted({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0' } });
    installed({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0' } });
    assert.equal(packagesInSync(root), true);
  });

  it('is false when the lock file asks for another version', () => {
    wanted({ 'node_modules/a': { version: '1.1.0' } });
    installed({ 'node_modules/a': { version: '1.0.0' } });
    assert.equal(packagesInSync(root), false);
  });

  it('is false when a folder was removed', () => {
    wanted({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0' } });
    installed({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0' } });
    rmSync(join(root, 'node_modules/a'), { recursive: true });
    assert.equal(packagesInSync(root), false);
  });

  it('does not miss what is for other platforms', () => {
    wanted({
      'node_modules/a': { version: '1.0.0' },
      'node_modules/win': { version: '1.0.0', optional: true },
    });
    installed({ 'node_modules/a': { version: '1.0.0' } });
    assert.equal(packagesInSync(root), true);
  });
});
