/** Whatever comes in as the first argument: what is thrown or rejected has a code and is no accident of the engine. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as deepcode from '../../ts/index.js';
import { isFunctionName, JUNK, type JunkOutcome } from '../support/junk.js';

const FUNCTIONS = Object.entries(deepcode)
  .filter(([name, value]) => typeof value === 'function' && isFunctionName(name))
  .map(([name]) => name);

describe('a junk argument', () => {
  let outcomes: JunkOutcome[];
  let left: string[];
  before(() => {
    const folder = mkdtempSync(join(tmpdir(), 'deepcode-test-'));
    // No function is left out: without network, cache and libtorch, those to which some of it is acceptable end soon, too.
    const hub = { HF_HUB_OFFLINE: '1', HF_HOME: folder, HF_HUB_CACHE: '', HUGGINGFACE_HUB_CACHE: '', HF_ASSETS_CACHE: '' };
    const env = { ...process.env, ...hub, DEEPCODE_LIBTORCH: '/nonexistent' };
    const child = join(__dirname, '..', 'support', 'junk-child.ts');
    const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', child, folder], { env, encoding: 'utf8', timeout: 100_000 });
    left = readdirSync(folder);
    rmSync(folder, { recursive: true });
    assert.notEqual(stdout, '', stderr);
    outcomes = JSON.parse(stdout) as JunkOutcome[];
  });

  for (const name of FUNCTIONS) {
    it(`of ${name} never fails without a code`, () => {
      const own = outcomes.filter((each) => each.name === name);
      assert.equal(own.length, JUNK.length);
      const bare = own.filter(({ outcome }) => outcome.startsWith('no code'));
      assert.deepEqual(bare.map(({ text, outcome }) => `${name}(${text}): ${outcome}`), []);
    });
  }

  it('leaves no files behind', () => assert.deepEqual(left, []));
});
