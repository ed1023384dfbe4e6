// What `npm test` and `npm run demo` start with, also as the first command after `git clone`:
// installs and builds what is missing, then does the job. Nothing but Node itself is needed to run it.
// Usage: node native/toolchain/bootstrap.mjs <test|test:slow|demo|doctor> [arguments]

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePackages } from './packages.mjs';
import paths from './paths.cjs';
import { log, printFailure, ToolchainError } from './report.mjs';

const MOCHA = 'node_modules/mocha/bin/mocha.js';

// `files` are what a job runs on unless the user names some. (In .mocharc they would be added to.)
const JOBS = {
  test: { command: [MOCHA], files: ['test/{unit,parity,contract,binding,hostile,cli}/**/*.test.ts'] },
  'test:slow': { command: [MOCHA, '--config', '.mocharc.slow.json'], files: ['test/slow/**/*.test.ts'] },
  demo: { command: ['bin/deepcode.js', 'demo'] },
  // Tells what is missing, and so does without the addon.
  doctor: { command: ['bin/deepcode.js', 'doctor'], withoutAddon: true },
};

function checkMachine() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new ToolchainError(
      'ERR_TOOL_MISSING',
      `Node ${process.versions.node} is too old; 20.19 or newer is needed.`,
      ['Install the current LTS of Node.js.'],
    );
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new ToolchainError(
      'ERR_PLATFORM',
      `${process.platform} ${process.arch} is not supported, only Linux x64.`,
    );
  }
}

async function prepare({ withoutAddon = false }) {
  checkMachine();
  const started = Date.now();
  const done = [ensurePackages(paths.projectRoot)];
  // Imported late: these need the npm packages.
  const { buildAddon } = await import('./build.mjs');
  const { buildTypeScript } = await import('./build-ts.mjs');
  if (!withoutAddon) done.push(await buildAddon());
  done.push(await buildTypeScript());
  if (done.some(Boolean)) log(`ready after ${Math.round((Date.now() - started) / 1000)} s`);
}

function runCommand(args, env = process.env) {
  const child = spawnSync(process.execPath, args, { cwd: paths.projectRoot, stdio: 'inherit', env });
  if (child.error) throw child.error;
  if (child.signal) process.stderr.write(`deepcode: ended by ${child.signal}\n`);
  return child.status ?? 1;
}

// Mocha reports through test/support/summary-reporter.cjs. Where that never came to its last line,
// because something ended the process, the run has failed whatever its exit code.
function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), 'deepcode-test-'));
  const summary = join(folder, 'summary');
  try {
    const code = runCommand(args, { ...process.env, DEEPCODE_TEST_SUMMARY: summary });
    if (existsSync(summary)) return code;
    process.stdout.write('The tests did not come to their end.\n0 passed, 1 failed\n');
    return code || 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runJob({ command, files }, args) {
  if (!files) return runCommand([...command, ...args]);
  const named = args.some((argument) => /\.[cm]?[jt]s$/.test(argument));
  const strict = process.env.CI ? ['--forbid-only'] : [];
  return runTests([...command, ...strict, ...args, ...(named ? [] : files)]);
}

async function main([name, ...args]) {
  if (!Object.hasOwn(JOBS, name ?? '')) {
    throw new ToolchainError(
      'ERR_USAGE',
      `Expected one of ${Object.keys(JOBS).join(', ')} but received '${name ?? ''}'.`,
    );
  }
  await prepare(JOBS[name]);
  return runJob(JOBS[name], args);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    process.exitCode = printFailure(error);
  },
);
