// What `npm test` and `npm run demo` start with, also as the first command after `git clone`:
// installs and builds what is missing, then does the job. Nothing but Node itself is needed to run it.
// Usage: node native/toolchain/bootstrap.mjs <test|test:slow|demo> [arguments]

import { spawnSync } from 'node:child_process';
import { ensurePackages } from './packages.mjs';
import paths from './paths.cjs';
import { log, printFailure, ToolchainError } from './report.mjs';

const MOCHA = 'node_modules/mocha/bin/mocha.js';

// `files` are what a job runs on unless the user names some. (In .mocharc they would be added to.)
const JOBS = {
  test: { command: [MOCHA], files: ['test/{unit,parity,contract,binding,hostile,cli}/**/*.test.ts'] },
  'test:slow': { command: [MOCHA, '--config', '.mocharc.slow.json'], files: ['test/slow/**/*.test.ts'] },
  demo: { command: ['bin/deepcode.js', 'demo'], files: [] },
};

function checkMachine() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new ToolchainError('ERR_TOOL_MISSING', `Node ${process.versions.node} is too old; 20.19 or newer is needed.`,
      ['Install the current LTS of Node.js.']);
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new ToolchainError('ERR_PLATFORM', `${process.platform} ${process.arch} is not supported, only Linux x64.`);
  }
}

async function prepare() {
  checkMachine();
  const started = Date.now();
  const installed = ensurePackages(paths.projectRoot);
  // Imported late: these need the npm packages.
  const { buildAddon } = await import('./build.mjs');
  const { buildTypeScript } = await import('./build-ts.mjs');
  const built = [await buildAddon(), await buildTypeScript()];
  if (installed || built.some(Boolean)) log(`ready after ${Math.round((Date.now() - started) / 1000)} s`);
}

function runJob(name, args) {
  const { command, files } = JOBS[name];
  const named = args.some((argument) => !argument.startsWith('-'));
  const child = spawnSync(process.execPath, [...command, ...args, ...(named ? [] : files)], {
    cwd: paths.projectRoot, stdio: 'inherit',
  });
  if (child.error) throw child.error;
  if (child.signal) process.stderr.write(`deepcode: '${name}' was ended by ${child.signal}\n`);
  // A run that died never printed its last line; a reader of the log must still see a failure.
  if (child.signal && name.startsWith('test')) process.stdout.write('0 passed, 1 failed\n');
  return child.status ?? 1;
}

async function main([name, ...args]) {
  if (!Object.hasOwn(JOBS, name ?? '')) {
    throw new ToolchainError('ERR_USAGE', `Expected one of ${Object.keys(JOBS).join(', ')} but received '${name ?? ''}'.`);
  }
  await prepare();
  return runJob(name, args);
}

main(process.argv.slice(2)).then(
  (code) => { process.exitCode = code; },
  (error) => { process.exitCode = printFailure(error); },
);
