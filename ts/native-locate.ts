/** Where the addon and libtorch are. The build records what it was linked against; nothing is searched here. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DeepcodeError } from './errors.js';

export interface RuntimeLocation {
  addonPath: string;
  /** libtorch's `lib` folder, absolute. */
  libtorchDirectory: string;
}

const ROOT = resolve(__dirname, '..');

/** Throws ERR_INTERNAL, saying how to build, when there is no addon or its libtorch is gone. */
export function locateRuntime(): RuntimeLocation {
  const addonPath = join(ROOT, 'build', 'Release', 'deepcode.node');
  const record = join(ROOT, 'build', 'Release', 'libtorch.json');
  if (!existsSync(addonPath)) {
    throw new DeepcodeError('ERR_INTERNAL', 'The native addon is not built. Run: npm run build:native');
  }
  const root =
    process.env.DEEPCODE_LIBTORCH ??
    (JSON.parse(readFileSync(record, 'utf8')) as { root: string }).root;
  return { addonPath, libtorchDirectory: join(root, 'lib') };
}
