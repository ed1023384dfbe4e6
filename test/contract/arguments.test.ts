/** Wrong arguments throw TypeError or RangeError at once, before anything native is loaded. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import * as deepcode from '../../ts/index.js';
import { ARGUMENT_CASES } from '../support/argument-cases.js';

/** Functions without arguments. */
const UNCHECKED = ['runtimeInfo'];

function publicFunctions(): string[] {
  return Object.entries(deepcode)
    .filter(([, value]) => typeof value === 'function' && !(value.prototype instanceof Error))
    .map(([name]) => name);
}

describe('wrong arguments', () => {
  it('are tried on every function of the public interface', () => {
    const covered = new Set(ARGUMENT_CASES.map(([name]) => name.split(/[.#]/)[0]!));
    assert.deepEqual(
      publicFunctions().filter((name) => !covered.has(name) && !UNCHECKED.includes(name)),
      [],
    );
  });

  const child = join(__dirname, '..', 'support', 'argument-child.ts');
  const env = { ...process.env, DEEPCODE_LIBTORCH: '/nonexistent' };
  let outcomes: string[];
  before(() => {
    const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', child], {
      env,
      encoding: 'utf8',
    });
    assert.notEqual(stdout, '', stderr);
    outcomes = JSON.parse(stdout) as string[];
  });

  ARGUMENT_CASES.forEach(([name, thrown, call], i) => {
    const text = String(call)
      .replace(/^\(\) => (new )?/, '')
      .replace(/\s+/g, ' ')
      .slice(0, 90);
    it(`${name} throws ${thrown} without libtorch: ${text}`, () =>
      assert.equal(outcomes[i], thrown));
  });

  it('carry a code that says so', () => {
    for (const [name, , call] of ARGUMENT_CASES) {
      assert.throws(
        call,
        (error: Error & { code?: string }) =>
          /^ERR_(INVALID_ARG|OUT_OF_RANGE)$/.test(error.code ?? ''),
        name,
      );
    }
  });
});
