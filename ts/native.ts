/** The only file that loads the addon: finds libtorch, loads both, and types what the addon exports. */
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { throwIfAborted } from './abortable.js';
import { AbortError, DeepcodeError, isErrorCode } from './errors.js';
import type { NativeBindings } from './native/bindings.js';
import { loadFailure } from './native/failure.js';
import { locateRuntime } from './native/locate.js';

/** Keeps a library mapped after the failed registration below; glibc's value, not in os.constants. */
const RTLD_NODELETE = 0x1000;

let loaded: NativeBindings | undefined;

/**
 * Loads a plain shared library into the global symbol scope. Node expects an addon there and says that it
 * "did not self-register"; by then the library is loaded, which is all that is wanted.
 */
function preload(path: string): void {
  const { RTLD_NOW, RTLD_GLOBAL } = constants.dlopen;
  try {
    process.dlopen({ exports: {} }, path, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
  } catch (error) {
    if (!String(error).includes('did not self-register')) throw error;
  }
}

function load(): NativeBindings {
  const { addonPath, libtorchDirectory } = locateRuntime();
  try {
    for (const library of ['libc10.so', 'libtorch_cpu.so']) {
      const path = join(libtorchDirectory, library);
      if (existsSync(path)) preload(path);
    }
    const holder = { exports: {} as NativeBindings };
    process.dlopen(holder, addonPath, constants.dlopen.RTLD_NOW);
    holder.exports.initialize({ libtorchDirectory });
    return holder.exports;
  } catch (error) {
    throw loadFailure(error, addonPath, libtorchDirectory);
  }
}

/** The addon, loaded on first use. Throws DeepcodeError ERR_INTERNAL with a list of fixes when it cannot. */
export function native(): NativeBindings {
  if (loaded === undefined) {
    const addon = load();
    // A compute thread that is alive at exit crashes in libtorch's static destructors. A worker's own exit is
    // not the process's: its calls are ended by the addon's environment cleanup hook.
    if (isMainThread) process.on('exit', () => addon.shutdown());
    loaded = addon;
  }
  return loaded;
}

/** Turns an error made by the addon into the public class; `site` is where the caller stood. */
function toPublicError(error: unknown, site: Error, reason?: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DeepcodeError) return error;
  const { code } = error as Error & { code?: unknown };
  const publicError =
    code === 'ABORT_ERR'
      ? new AbortError(error.message, reason === undefined ? undefined : { cause: reason })
      : isErrorCode(code)
        ? new DeepcodeError(code, error.message)
        : undefined;
  if (publicError === undefined) return error;
  const frames = site.stack?.slice(site.stack.indexOf('\n')) ?? '';
  publicError.stack = `${publicError.name}: ${publicError.message}${frames}`;
  return publicError;
}

export type NativeCancelToken = ReturnType<NativeBindings['newCancelToken']>;

/** Tokens of calls that ended without being cancelled. */
const unusedTokens: NativeCancelToken[] = [];

/**
 * Runs one native call: gives it a token that `signal` cancels, and maps its failure onto a public error
 * whose stack points at the caller of the facade.
 */
export async function callNative<T>(
  signal: AbortSignal | undefined,
  call: (addon: NativeBindings, token: NativeCancelToken) => Promise<T> | T,
): Promise<T> {
  const site = new Error();
  throwIfAborted(signal);
  const addon = native();
  const token = unusedTokens.pop() ?? addon.newCancelToken();
  const onAbort = (): void => token.cancel();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const result = await call(addon, token);
    // A native object for each call would be work for the garbage collector.
    if (!signal?.aborted) unusedTokens.push(token);
    return result;
  } catch (error) {
    throw toPublicError(error, site, signal?.reason);
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
