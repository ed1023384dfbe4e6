// Installs the npm packages of a checkout when they are missing or not those of the lock file.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { log, ToolchainError } from './report.mjs';

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch {
    return {};
  }
}

// npm records what it installed in node_modules/.package-lock.json. Packages that the platform
// does not want are absent from it and optional in the lock file.
export function packagesInSync(root) {
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  const wanted = Object.entries(readPackages(join(root, 'package-lock.json'))).filter(([path]) => path);
  return (
    wanted.length > 0 &&
    wanted.every(([path, { version, optional }]) => {
      if (!existsSync(join(root, path, 'package.json'))) return Boolean(optional);
      return installed[path]?.version === version;
    })
  );
}

function npmCommand(env) {
  const script = env.npm_execpath;
  return script && /npm-cli\.[cm]?js$/.test(script) ? [process.execPath, script] : ['npm'];
}

/** Runs `npm ci` where needed; returns whether it did. No package's install script is needed or run. */
export function ensurePackages(root, env = process.env) {
  if (packagesInSync(root)) return false;
  log('installing the npm packages');
  const [command, ...args] = npmCommand(env);
  const child = spawnSync(command, [...args, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: root,
    env: { ...env, NODE_ENV: '' },
    stdio: ['ignore', 2, 2],
  });
  if (child.status === 0) return true;
  throw new ToolchainError('ERR_NETWORK', 'npm could not install the packages; its message is above.', [
    'Check the network, or the registry and proxy of `npm config list`, then run the command again.',
    'Offline with a filled npm cache: npm ci --offline --ignore-scripts',
  ]);
}
