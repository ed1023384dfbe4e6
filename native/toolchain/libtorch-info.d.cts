/** Describes the libtorch in `root`, or says what is wrong with it. */
export function inspectLibtorch(
  root: string,
): Omit<import('./runtime-libtorch.cjs').Libtorch, 'source'> | string;
