// Lets pip fetch the pinned wheel: it knows the user's indexes, mirrors, proxies and certificates.

import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { spawn } from 'node:child_process';
import { temporaryName, verifyDownload } from './files.mjs';
import { ToolchainError } from './report.mjs';

function pipArguments(pin, folder, index) {
  const { python, implementation, abi, platform } = pin.tags;
  return [
    '-m',
    'pip',
    'download',
    '--no-deps',
    '--retries',
    '0',
    '--disable-pip-version-check',
    '--only-binary=:all:',
    '--python-version',
    python,
    '--implementation',
    implementation,
    '--abi',
    abi,
    '--platform',
    platform,
    '--dest',
    folder,
    ...(index ? ['--index-url', index] : []),
    pin.requirement,
  ];
}

// Resolves to pip's last words when it fails, and to undefined when it does not.
function runPip(python, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(python, args, {
      stdio: ['ignore', 2, 'pipe'],
      env: { ...env, PIP_REQUIRE_VIRTUALENV: 'false' },
    });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr = (stderr + chunk).slice(-4096);
    });
    child.on('error', reject).on('close', (code) => {
      const lines = stderr.split('\n').filter((line) => line.startsWith('ERROR:'));
      resolve(code === 0 ? undefined : (lines.at(-1)?.slice(7, 207) ?? `pip ended with ${code}`));
    });
  });
}

/**
 * Downloads the wheel of `pin` with `python -m pip` to `target`, checked against the pin; `index`
 * replaces the user's package index. Throws ERR_NETWORK or ERR_CHECKSUM.
 */
export async function downloadWithPip(pin, target, { python, index, env = process.env }) {
  const folder = join(dirname(target), temporaryName());
  mkdirSync(folder);
  try {
    const failure = await runPip(python, pipArguments(pin, folder, index), env);
    if (failure !== undefined)
      throw new ToolchainError('ERR_NETWORK', `pip could not download ${pin.requirement}: ${failure}`);
    const [name] = readdirSync(folder);
    if (name === undefined) throw new ToolchainError('ERR_NETWORK', 'pip downloaded nothing.');
    await verifyDownload(join(folder, name), pin);
    renameSync(join(folder, name), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
