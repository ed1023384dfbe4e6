import { invalidArgument } from '../errors.js';
import { isSafePath } from './names.js';

/** A file whose contents the caller knows. */
export interface PinnedFile {
  path: string;
  /** 64 hexadecimal digits. */
  sha256: string;
}

/** A name, a pattern ('*' within a folder, '**' across folders), or a name with its hash. */
export type FileRequest = string | PinnedFile;

export interface Selection {
  required: readonly FileRequest[];
  optional: readonly FileRequest[];
  /** Lower case, with the dot. */
  extensions: readonly string[];
}

/** Weights that cannot execute anything, and text. */
export const DEFAULT_EXTENSIONS: readonly string[] = ['.safetensors', '.json', '.txt'];

export function requestPath(request: FileRequest): string {
  return typeof request === 'string' ? request : request.path;
}

export function isPattern(request: FileRequest): boolean {
  return requestPath(request).includes('*');
}

function patternExpression(pattern: string): RegExp {
  const pieces = pattern.split(/(\*\*\/|\*\*|\*)/).map((piece) => {
    if (piece === '**/') return '(?:.*/)?';
    if (piece === '**') return '.*';
    return piece === '*' ? '[^/]*' : piece.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${pieces.join('')}$`);
}

function hasExtension(path: string, extensions: readonly string[]): boolean {
  return extensions.some((extension) => path.toLowerCase().endsWith(extension));
}

function checkRequest(request: FileRequest, extensions: readonly string[]): void {
  const path: unknown =
    request === null ? request : typeof request === 'string' ? request : request?.path;
  if (typeof path !== 'string' || !isSafePath(path))
    throw invalidArgument('files', 'paths inside the model', path);
  if (typeof request !== 'string' && !/^[0-9a-f]{64}$/i.test(request.sha256)) {
    throw invalidArgument(`sha256 of ${path}`, '64 hexadecimal digits', request.sha256);
  }
  if (!path.endsWith('*') && !hasExtension(path, extensions)) {
    throw invalidArgument('files', `${extensions.join(', ')} (name others in 'extensions')`, path);
  }
}

/** @throws TypeError for a path that leaves the model or whose type is not asked for */
export function checkSelection({ required, optional, extensions }: Selection): void {
  if (!Array.isArray(extensions) || !extensions.every((e) => /^\.[a-z0-9_.-]+$/.test(e))) {
    throw invalidArgument(
      'extensions',
      "lower-case file endings such as '.safetensors'",
      extensions,
    );
  }
  if (!Array.isArray(required)) throw invalidArgument('files', 'an array', required);
  if (!Array.isArray(optional)) throw invalidArgument('optionalFiles', 'an array', optional);
  for (const request of [...required, ...optional]) checkRequest(request, extensions);
}

/** What a selection means for a folder's files. */
export interface Selected {
  /** Sorted, each once. */
  paths: string[];
  /** Required requests that nothing matched. */
  missing: string[];
}

function matches(path: string, request: FileRequest): boolean {
  return isPattern(request)
    ? patternExpression(requestPath(request)).test(path)
    : path === requestPath(request);
}

export function selectFiles(
  available: readonly string[],
  { required, optional, extensions }: Selection,
): Selected {
  const allowed = available.filter((path) => hasExtension(path, extensions));
  const chosen = allowed.filter((path) =>
    [...required, ...optional].some((request) => matches(path, request)),
  );
  const missing = required.filter((request) => !allowed.some((path) => matches(path, request)));
  return { paths: chosen.sort(), missing: missing.map(requestPath) };
}

/** The hash that the caller pinned for a path, lower case. */
export function pinnedHash(path: string, { required, optional }: Selection): string | undefined {
  for (const request of [...required, ...optional]) {
    if (typeof request !== 'string' && request.path === path) return request.sha256.toLowerCase();
  }
  return undefined;
}
