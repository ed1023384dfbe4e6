/**
 * Synthesises in a process of its own: argument 1 is the options as JSON. Prints a line for each event: phase, photos
 * done, and with --expose-gc the resident bytes after garbage collection once a photo.
 */
import type { SynthesizeOptions } from '../../ts/synthesize/options.js';
import { synthesize } from '../../ts/synthesize/synthesize.js';

const options = JSON.parse(process.argv[2]!) as SynthesizeOptions;
const { gc } = globalThis as { gc?: () => void };

function residentBytes(): number {
  gc?.();
  return process.memoryUsage.rss();
}

synthesize({
  ...options,
  onProgress: ({ phase, done, step }) => {
    const bytes = gc && step === undefined ? residentBytes() : 0;
    process.stdout.write(`${phase} ${done} ${bytes}\n`);
  },
}).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
