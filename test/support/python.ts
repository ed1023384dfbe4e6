import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';

/** Holds reference_ops, which has to be imported before timm. */
const PARITY = join(__dirname, '..', 'parity');

/** The named modules' Python: DEEPCODE_REFERENCE_PYTHON or python3; undefined where a module cannot be imported. */
export function pythonWith(...modules: string[]): string | undefined {
  const python = process.env.DEEPCODE_REFERENCE_PYTHON || 'python3';
  const path = [PARITY, process.env.PYTHONPATH].filter(Boolean).join(delimiter);
  // A folder of this repository may be called like a module: it counts as none, for want of a file.
  const check = `import ${modules.join(', ')}; assert None not in [getattr(m, '__file__', None) for m in (${modules.join(', ')},)]`;
  const { status } = spawnSync(python, ['-c', check], {
    stdio: 'ignore',
    env: { ...process.env, PYTHONPATH: path },
  });
  return status === 0 ? python : undefined;
}
