/**
 * Calls every function of the public interface with values that hardly any is made for, in the folder that is given, and
 * prints what came of each call.
 */
import * as deepcode from '../../ts/index.js';
import { isFunctionName, JUNK, type JunkOutcome } from './junk.js';

/** The code of what was thrown or rejected. */
async function outcomeOf(call: () => unknown): Promise<string> {
  try {
    await call();
    return 'a result';
  } catch (error) {
    const { code } = (error ?? {}) as { code?: unknown };
    return typeof code === 'string' ? code : `no code: ${String(error)}`;
  }
}

async function tryAll(): Promise<void> {
  const outcomes: JunkOutcome[] = [];
  for (const [name, value] of Object.entries(deepcode)) {
    if (typeof value !== 'function' || !isFunctionName(name)) continue;
    for (const [text, junk] of JUNK) {
      outcomes.push({ name, text, outcome: await outcomeOf(() => (value as (argument: unknown) => unknown)(junk)) });
    }
  }
  process.stdout.write(JSON.stringify(outcomes));
}

process.chdir(process.argv[2]!);
void tryAll();
