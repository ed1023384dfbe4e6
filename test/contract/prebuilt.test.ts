/** binding.gyp and prebuilt binaries: node-gyp and prebuildify drive our build, and what they make is found and loaded. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { buildTypeScript } from '../../native/toolchain/build-ts.mjs';
import { which } from '../../native/toolchain/find-tools.cjs';
import { PackageCopy } from '../support/package-copy.js';

const ROOT = resolve(__dirname, '../..');
const readText = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

/** Prints which addon was mapped, and what it said of a photograph. */
const DETECT = `
const { dlopen } = process;
const opened = [];
process.dlopen = (target, path, ...rest) => (opened.push(path), dlopen.call(process, target, path, ...rest));
const { Detector } = require('./dist/index.js');
void (async () => {
  const detector = await Detector.load(undefined, { device: 'cpu' });
  const { label } = await detector.detect('test/data/samples/real-congress-1.jpg');
  console.log(JSON.stringify({ label, addon: opened.find((path) => /deepcode[^/]*\\.node$/.test(path)) }));
})();
`;

const RESOLVE = `
const { resolveRuntime } = require('./native/toolchain/runtime-libtorch.cjs');
console.log(JSON.stringify(resolveRuntime().addon ?? null));
`;

describe('binding.gyp', () => {
  const text = readText('binding.gyp').replace(/^\s*#.*$/gm, '');
  const { targets, ...others } = JSON.parse(text) as { targets: Record<string, unknown>[] };

  it('is a shim: one action, which runs our build, and nothing for node-gyp to compile', () => {
    assert.deepEqual(others, {});
    assert.equal(targets.length, 1);
    const { actions, ...target } = targets[0]!;
    assert.deepEqual(target, { target_name: 'deepcode', type: 'none' });
    const [action, ...more] = actions as { action: string[]; inputs: string[]; outputs: string[] }[];
    assert.deepEqual(more, []);
    assert.deepEqual(action!.action, ['node', 'native/toolchain/build.mjs']);
    for (const file of [action!.action[1]!, ...action!.inputs]) assert.ok(existsSync(join(ROOT, file)), file);
  });

  it('is packed, with the prebuilt binaries and what the build is made of', () => {
    const { files, dependencies, scripts } = JSON.parse(readText('package.json')) as {
      files: string[];
      dependencies: Record<string, string>;
      scripts: Record<string, string>;
    };
    for (const file of ['binding.gyp', 'prebuilds', 'CMakeLists.txt', 'native']) assert.ok(files.includes(file), file);
    for (const name of ['cmake-js', 'node-gyp-build', 'node-addon-api']) assert.ok(name in dependencies, name);
    // Without a script of its own, npm would run `node-gyp rebuild` for any package with a binding.gyp.
    assert.equal(scripts.install, 'node native/toolchain/install.mjs');
  });
});

describe('a package with prebuilt binaries', () => {
  let folder: string;
  let copy: PackageCopy;
  before(async () => {
    await buildTypeScript();
    folder = mkdtempSync(join(tmpdir(), 'deepcode-prebuilt-'));
    copy = new PackageCopy(folder);
  });
  afterEach(() => copy.reset());
  after(() => rmSync(folder, { recursive: true, force: true }));

  const node = (args: readonly string[], env?: NodeJS.ProcessEnv): string => {
    const { status, stdout, stderr } = copy.run(process.execPath, args, env);
    assert.equal(status, 0, stderr);
    return stdout;
  };
  const resolved = (env?: NodeJS.ProcessEnv): unknown => JSON.parse(node(['-e', RESOLVE], env));

  it('is what npm run build:prebuilt makes, by prebuildify, node-gyp, binding.gyp, our build and cmake-js', function () {
    this.timeout(240_000);
    const headers = resolve(dirname(process.execPath), '..');
    const missing = [
      ...['npm', 'python3', 'make', 'strip'].filter((tool) => which(tool) === undefined),
      ...(existsSync(join(headers, 'include', 'node', 'node.h')) ? [] : ["Node's headers beside node"]),
    ];
    if (missing.length > 0) {
      this.test!.skipReason = `needs ${missing.join(', ')}`;
      return this.skip();
    }
    const { status, stdout, stderr } = copy.run('npm', ['run', 'build:prebuilt'], { npm_config_nodedir: headers, TMPDIR: folder });
    assert.equal(status, 0, stdout + stderr);
    assert.deepEqual(copy.compiled, ['configure', 'build']);
    const made = readdirSync(copy.at('prebuilds'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    assert.deepEqual(made.map((entry) => join(entry.parentPath, entry.name)), [copy.prebuilt()]);
    assert.ok(!existsSync(copy.at('build', 'Release', 'deepcode.node')), 'prebuildify has moved it');
    assert.deepEqual(JSON.parse(node(['-e', DETECT])), { label: 'real', addon: copy.prebuilt() });
  });

  it('needs no build: its binary is resolved, loaded, and detects', () => {
    copy.place(copy.prebuilt());
    assert.ok(!existsSync(copy.at('build')));
    assert.equal(resolved(), copy.prebuilt());
    assert.deepEqual(JSON.parse(node(['-e', DETECT])), { label: 'real', addon: copy.prebuilt() });
  });

  for (const [what, other] of [
    ['macOS', { platform: 'darwin-x64' }],
    ['Windows', { platform: 'win32-x64' }],
    ['another processor', { platform: 'linux-arm64' }],
    ['another C library', { name: 'deepcode.musl.node' }],
    ['another ABI of Node', { name: 'deepcode.abi1.node' }],
    ['another libtorch', { minor: '2.10' }],
  ] as const) {
    it(`is not taken where it was made for ${what}`, () => {
      copy.place(copy.prebuilt(other));
      assert.equal(resolved(), null);
      const { status, stderr } = copy.run(process.execPath, ['-e', DETECT]);
      assert.notEqual(status, 0);
      assert.match(stderr, /ERR_INTERNAL/);
      assert.match(stderr, /The native addon is not built\. Run: npm rebuild deepcode/);
      copy.place(copy.prebuilt());
      assert.equal(resolved(), copy.prebuilt());
    });
  }

  const install = (): string => {
    const { status, stderr } = copy.run(process.execPath, ['native/toolchain/install.mjs']);
    assert.equal(status, 0, stderr);
    return stderr;
  };

  it('is installed without compiling', () => {
    copy.place(copy.prebuilt());
    install();
    assert.deepEqual(copy.compiled, []);
    // The install has recorded where libtorch is, so that nothing is searched for later.
    assert.equal(resolved({ DEEPCODE_LIBTORCH: '' }), copy.prebuilt());
    assert.deepEqual(readdirSync(copy.at('build', 'Release')), ['libtorch.json']);
  });

  it('is built when it is installed where its binary does not load', () => {
    copy.place(copy.prebuilt(), 'this is text, not a library');
    assert.match(install(), /the prebuilt addon does not load here/);
    assert.deepEqual(copy.compiled, ['configure', 'build']);
    assert.equal(resolved(), copy.at('build', 'Release', 'deepcode.node'));
  });
});
