/**
 * Where the addon and libtorch are. The search is the build's own (native/toolchain), so that what was
 * built is what is found; a recorded build costs one file read.
 */
import { type Runtime, resolveRuntime } from '../../native/toolchain/runtime-libtorch.cjs';
import { DeepcodeError } from '../errors.js';

export interface RuntimeLocation {
  addonPath: string;
  /** libtorch's `lib` folder, absolute. */
  libtorchDirectory: string;
}

const DOCTOR = 'Run: npx deepcode doctor';

function whyNoLibtorch({ rejected }: Runtime): string {
  const asked = rejected.find(({ source }) => source === 'DEEPCODE_LIBTORCH');
  return asked
    ? `DEEPCODE_LIBTORCH does not name a usable libtorch: ${asked.reason}. Correct or unset it.`
    : `No libtorch was found. Install one with: npm rebuild deepcode (in a checkout: npm run build). ${DOCTOR}`;
}

function whyNoAddon({ libtorch, record }: Runtime): string {
  return record === undefined
    ? `The native addon is not built. Run: npm rebuild deepcode (in a checkout: npm run build). ${DOCTOR}`
    : `The addon was built for libtorch ${record.version}, but ${libtorch?.source} has ${libtorch?.version}. Build it again, or unset DEEPCODE_LIBTORCH.`;
}

/** Throws ERR_INTERNAL, saying what to do, when there is no libtorch or no addon that fits it. */
export function locateRuntime(): RuntimeLocation {
  const runtime = resolveRuntime();
  if (runtime.libtorch === undefined) throw new DeepcodeError('ERR_INTERNAL', whyNoLibtorch(runtime));
  if (runtime.addon === undefined) throw new DeepcodeError('ERR_INTERNAL', whyNoAddon(runtime));
  return { addonPath: runtime.addon, libtorchDirectory: runtime.libtorch.lib };
}
