'use strict';
// Asks an installed Python where its torch package is, without importing it: importing takes
// seconds, finding takes milliseconds.

const { spawnSync } = require('node:child_process');
const path = require('node:path');

const FIND_TORCH = `
import importlib.util as u, sys
s = u.find_spec("torch")
sys.stdout.write((s.origin or "") if s else "")
`;

function pythonCommands(env = process.env) {
  return env.DEEPCODE_PYTHON ? [env.DEEPCODE_PYTHON] : ['python3', 'python'];
}

// Isolated from the current folder (-I would also hide PYTHONPATH, which users do rely on).
function run(command, args, env, timeout) {
  return spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...env, PYTHONSAFEPATH: '1' },
    cwd: path.parse(process.cwd()).root,
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout,
  });
}

// The folder of the importable torch package, or undefined.
function pythonTorchRoot(env = process.env) {
  for (const command of pythonCommands(env)) {
    const result = run(command, ['-c', FIND_TORCH], env, 15_000);
    if (result.status === 0 && result.stdout) return path.dirname(result.stdout);
  }
  return undefined;
}

// The first Python that can run pip, or undefined.
function pythonWithPip(env = process.env) {
  return pythonCommands(env).find(
    (command) => run(command, ['-m', 'pip', '--version'], env, 60_000).status === 0,
  );
}

module.exports = { pythonTorchRoot, pythonWithPip };
