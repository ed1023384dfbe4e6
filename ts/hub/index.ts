export { pullModel, resolveModel } from './resolve-model.js';
export { type ResolvedModel } from './job.js';
export { type ResolveOptions } from './resolve-options.js';
export { type FileRequest, type PinnedFile } from './selection.js';
export { type DownloadProgress } from './session.js';
