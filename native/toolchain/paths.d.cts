export const projectRoot: string;
/** DEEPCODE_CACHE, $XDG_CACHE_HOME/deepcode or ~/.cache/deepcode. */
export function cacheDir(env?: NodeJS.ProcessEnv): string;
/** Where a downloaded libtorch of `version` is kept. */
export function libtorchCacheDir(version: string, env?: NodeJS.ProcessEnv): string;
/** Where a downloaded build tool of `version` is kept. */
export function toolCacheDir(name: 'cmake' | 'ninja', version: string, env?: NodeJS.ProcessEnv): string;
