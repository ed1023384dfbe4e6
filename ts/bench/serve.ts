/** The measured side of the protocol that test/bench/side.py describes, for sides that run in Node. */
import { createInterface } from 'node:readline';
import type { NodeSideTimes, SideJob, SideReady } from './job.js';

export const WARM_UP = 2;

export function jobOfArguments<J extends SideJob>(): J {
  return JSON.parse(process.argv[2]!) as J;
}

function say(message: SideReady | NodeSideTimes): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function time(iterations: number, iteration: () => Promise<unknown>): Promise<NodeSideTimes> {
  const start = performance.now();
  const startCpu = process.cpuUsage();
  for (let i = 0; i < iterations; i++) await iteration();
  const { user, system } = process.cpuUsage(startCpu);
  const residentBytes = process.memoryUsage.rss();
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  return { seconds: (performance.now() - start) / 1e3, cpuSeconds: (user + system) / 1e6, peakBytes, residentBytes };
}

/** Warms up, says `ready`, and measures whenever the parent asks; returns when the parent is done. */
export async function serve(iteration: () => Promise<unknown>, ready: () => Promise<SideReady>, warmUp = WARM_UP): Promise<void> {
  for (let i = 0; i < warmUp; i++) await iteration();
  say(await ready());
  for await (const line of createInterface({ input: process.stdin })) say(await time(Number(line), iteration));
}
