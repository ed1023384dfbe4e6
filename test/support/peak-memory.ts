import { readFileSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Frees what JavaScript no longer holds and lets the kernel count this process's peak resident memory anew. */
export function resetPeakMemory(): void {
  collectGarbage();
  writeFileSync('/proc/self/clear_refs', '5');
}

/** In bytes, since the last reset. */
export function peakMemory(): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}
