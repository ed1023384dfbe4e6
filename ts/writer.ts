/**
 * Who writes a file in the making, so that others leave it alone while its writer lives and take it over or clean it up
 * when the writer is gone. A writer is a thread of JavaScript: a worker that is terminated is gone while its process lives.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

function read(operation: () => string): string {
  try {
    return operation();
  } catch {
    return '';
  }
}

const digits = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** The machine by its name, eight hexadecimal digits: the same after it was switched off and on. */
export const hostName = (): string => digits(hostname());

/** One boot of one machine and one namespace of ids, eight hexadecimal digits: ids mean something only within it. */
export function hostId(): string {
  const boot = read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  const namespace = read(() => readlinkSync('/proc/self/ns/pid'));
  return digits(`${hostname()}\n${boot}\n${namespace}`);
}

/** The id of the calling thread; that of the process in its main thread, and where the system has no /proc. */
export function writerId(): number {
  // "PID/task/TID". Asked in the thread itself, not through the pool that serves asynchronous calls.
  const id = Number(read(() => readlinkSync('/proc/thread-self')).split('/')[2]);
  return Number.isInteger(id) ? id : process.pid;
}

/** When a writer began, in clock ticks since boot: tells a reused id apart. '0' when it is gone. */
export function startOf(id: number | string): string {
  const status = read(() => readFileSync(`/proc/${id}/stat`, 'utf8'));
  // The name in brackets may hold blanks and brackets; field 22 counts from after it.
  return status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
}
