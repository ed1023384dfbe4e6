// Names that come from a user or a server and become parts of local paths and of addresses.

import { DeepcodeError, invalidArgument } from '../errors.js';

const SEGMENT = /^(?![.-])(?!.*(?:--|\.\.))[\w.-]{1,96}(?<![.-])$/;
const COMMIT = /^[0-9a-f]{40}$/;

/** 'org/name' or 'name', as the hub allows them. */
export function isRepoId(id: string): boolean {
  const parts = id.split('/');
  return parts.length <= 2 && parts.every((part) => SEGMENT.test(part)) && !id.endsWith('.git');
}

/** The cache folder of a model: models--org--name. */
export function repoFolder(id: string): string {
  return `models--${id.replace('/', '--')}`;
}

/** A full commit hash never changes what it means; a branch or a tag does. */
export function isCommit(revision: string): boolean {
  return COMMIT.test(revision);
}

/** @throws TypeError for anything but a branch, a tag, a commit or a 'refs/pr/1' */
export function checkRevision(revision: unknown): asserts revision is string {
  const fits = typeof revision === 'string' && /^[\w.-]+(\/[\w.-]+)*$/.test(revision);
  if (
    !fits ||
    revision.length > 200 ||
    revision.split('/').some((part) => /^\.{1,2}$/.test(part))
  ) {
    throw invalidArgument('revision', 'a branch, tag or commit', revision);
  }
}

/** A path that stays inside its folder on every platform. */
export function isSafePath(path: string): boolean {
  if (path === '' || path.length > 1000 || /[\\\0:]/.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** @throws DeepcodeError ERR_NETWORK for a name with '..' or the like in a hub's listing */
export function checkListedPath(path: unknown): asserts path is string {
  if (typeof path !== 'string' || !isSafePath(path)) {
    throw new DeepcodeError(
      'ERR_NETWORK',
      'The hub listed a file whose name would leave the model folder; refused.',
    );
  }
}
