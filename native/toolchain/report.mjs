// What the toolchain tells the user: progress on stderr, and failures as a sentence with fixes.

/** A failure that the user can act on. `fixes` are printed as a list under the message. */
export class ToolchainError extends Error {
  constructor(code, message, fixes = [], options = undefined) {
    super(message, options);
    this.name = 'ToolchainError';
    this.code = code;
    this.fixes = fixes;
  }
}

export function log(message) {
  process.stderr.write(`deepcode: ${message}\n`);
}

export const megabytes = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;

/**
 * A progress line that redraws itself on a terminal and says something every few seconds elsewhere.
 * Returns update(done, total); call it as often as you like.
 */
export function progress(label, stream = process.stderr) {
  const interval = stream.isTTY ? 100 : 5000;
  let last = Date.now() - (stream.isTTY ? interval : 0);
  return (done, total) => {
    const finished = done >= total;
    if (!finished && Date.now() - last < interval) return;
    last = Date.now();
    const percent = total > 0 ? Math.floor((100 * done) / total) : 100;
    const line = `deepcode: ${label} ${megabytes(done)} of ${megabytes(total)} (${percent} %)`;
    stream.write(stream.isTTY ? `\r${line}\x1b[K${finished ? '\n' : ''}` : `${line}\n`);
  };
}

/** Prints an error the way users should see it, and returns the exit code for it. */
export function printFailure(error) {
  if (!(error instanceof ToolchainError)) {
    process.stderr.write(`deepcode: internal error: ${error?.stack ?? error}\n`);
    return 70;
  }
  process.stderr.write(`\ndeepcode: ${error.message} (${error.code})\n`);
  if (error.fixes.length > 0) process.stderr.write('What to do:\n');
  for (const fix of error.fixes) process.stderr.write(`  - ${fix}\n`);
  return 1;
}
