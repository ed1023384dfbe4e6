export { AbortError, DeepcodeError, ERROR_CODES } from './errors.js';
export type { ErrorCode } from './errors.js';
export * from './data/index.js';
export * from './metrics/index.js';
export * from './plots/index.js';
export * from './hub/index.js';
