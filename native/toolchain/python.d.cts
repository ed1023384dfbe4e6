/** The folder of the importable torch package. */
export function pythonTorchRoot(env?: NodeJS.ProcessEnv): string | undefined;
/** The first Python that can run pip. */
export function pythonWithPip(env?: NodeJS.ProcessEnv): string | undefined;
