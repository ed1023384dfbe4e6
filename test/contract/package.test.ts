import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { buildTypeScript } from '../../native/toolchain/build-ts.mjs';

const ROOT = resolve(__dirname, '../..');
const bin = (name: string, path: string): string =>
  join(dirname(require.resolve(`${name}/package.json`, { paths: [ROOT] })), path);

function run(args: string[], cwd = ROOT): { status: number | null; output: string } {
  const child = spawnSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
  });
  return { status: child.status, output: child.stdout + child.stderr };
}

describe('the package', () => {
  let folder: string;
  before(async () => {
    await buildTypeScript();
    // A user's project with this package in its node_modules.
    folder = mkdtempSync(join(tmpdir(), 'deepcode-package-'));
    mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true });
    symlinkSync(ROOT, join(folder, 'node_modules', 'deepcode'));
    symlinkSync(join(ROOT, 'node_modules', '@types', 'node'), join(folder, 'node_modules', '@types', 'node'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return name;
  };

  it('has types that fit its code, for require and import', function () {
    this.timeout(240_000);
    const attw = join(ROOT, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    const { status, output } = run([attw, '--pack', '.', '--profile', 'node16', '--no-color']);
    assert.equal(status, 0, output);
    assert.match(output, /No problems found/);
  });

  it('is laid out as publint wants it', function () {
    this.timeout(240_000);
    const { status, output } = run([join(ROOT, 'node_modules/publint/src/cli.js'), '.', '--strict']);
    assert.equal(status, 0, output);
  });

  it('compiles with its tests under strict settings', function () {
    this.timeout(240_000);
    const { status, output } = run([bin('typescript', 'bin/tsc'), '-p', 'tsconfig.test.json']);
    assert.equal(status, 0, output);
  });

  it('gives require and import the same objects', () => {
    const file = write(
      'same.mjs',
      `
      import { createRequire } from 'node:module';
      import * as esm from 'deepcode';
      const cjs = createRequire(import.meta.url)('deepcode');
      const names = Object.keys(cjs).sort();
      console.log(JSON.stringify({
        count: names.length,
        missing: names.filter((name) => !(name in esm)),
        different: names.filter((name) => esm[name] !== cjs[name]),
        extra: Object.keys(esm).filter((name) => !(name in cjs)),
        instance: new cjs.DeepcodeError('ERR_IO', 'x') instanceof esm.DeepcodeError,
      }));`,
    );
    const { status, output } = run([file], folder);
    assert.equal(status, 0, output);
    const { count, ...rest } = JSON.parse(output) as { count: number };
    assert.ok(count > 10);
    assert.deepEqual(rest, { missing: [], different: [], extra: [], instance: true });
  });

  for (const [kind, file] of [
    ['CommonJS', 'user.cts'],
    ['ESM', 'user.mts'],
  ] as const) {
    it(`types a user's ${kind} program under strict settings`, () => {
      write(
        file,
        `
        import { DeepcodeError, ERROR_CODES, type ErrorCode } from 'deepcode';
        const code: ErrorCode = ERROR_CODES[0]!;
        export const error: DeepcodeError = new DeepcodeError(code, 'x');
        // @ts-expect-error: not a code
        export const bad: ErrorCode = 'ERR_NO_SUCH';
        // @ts-expect-error: no such export
        export { noSuchThing } from 'deepcode';`,
      );
      const flags = [
        '--noEmit',
        '--strict',
        '--skipLibCheck',
        'false',
        '--target',
        'es2022',
        '--lib',
        'es2022,esnext.disposable',
        '--types',
        'node',
        '--module',
        'node16',
        '--moduleResolution',
        'node16',
      ];
      const { status, output } = run([bin('typescript', 'bin/tsc'), ...flags, file], folder);
      assert.equal(status, 0, output);
    });
  }

  it('does not load the addon when it is imported', () => {
    const file = write(
      'lazy.cjs',
      `
      const { dlopen } = process;
      process.dlopen = (target, path, ...rest) => {
        if (/^(deepcode|lib(torch|c10))/.test(require('node:path').basename(path))) throw new Error('loaded ' + path);
        return dlopen.call(process, target, path, ...rest);
      };
      require('deepcode');`,
    );
    const { status, output } = run([file], folder);
    assert.equal(status, 0, output);
  });

  it('names files that exist', () => {
    const {
      main,
      types,
      bin: bins,
      exports,
    } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      main: string;
      types: string;
      bin: Record<string, string>;
      exports: { '.': Record<string, Record<string, string>> };
    };
    const files = [
      main,
      types,
      ...Object.values(bins),
      ...Object.values(exports['.']).flatMap((conditions) => Object.values(conditions)),
    ];
    assert.deepEqual(
      files.filter((file) => !existsSync(join(ROOT, file))),
      [],
    );
  });
});
