/** Explains why the addon did not load, with fixes for the cause at hand instead of a linker's line. */
import { DeepcodeError } from '../errors.js';

const CAUSES: readonly { pattern: RegExp; advice: string }[] = [
  { pattern: /GLIBC(XX)?_/, advice: "This system's C/C++ library is older than the build's. Rebuild here: npm run build:native" },
  { pattern: /undefined symbol/, advice: 'The addon was built for another libtorch version. Rebuild: npm run build:native' },
  { pattern: /cannot open shared object/, advice: 'libtorch is missing or incomplete. Run: npm run build:native, or set DEEPCODE_LIBTORCH.' },
  { pattern: /NODE_MODULE_VERSION|invalid ELF|wrong ELF/, advice: 'The addon is for another platform. Rebuild: npm run build:native' },
];

export function loadFailure(error: unknown, addonPath: string, libtorchDirectory: string): Error {
  if (error instanceof DeepcodeError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const advice =
    CAUSES.find(({ pattern }) => pattern.test(text))?.advice ??
    'Run: npx deepcode doctor, to see what is missing.';
  return new DeepcodeError('ERR_INTERNAL', `The native addon did not load. ${advice}`, {
    cause: new Error(`${text} (addon ${addonPath}, libtorch ${libtorchDirectory})`),
  });
}
