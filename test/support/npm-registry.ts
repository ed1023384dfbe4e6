/** An npm registry on 127.0.0.1 that serves one version of one package. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { ATTRIBUTE_NETWORKS } from '../../ts/attributes/networks.js';
import type { NpmPackage } from '../../ts/hub/npm-package.js';
import { networkModel } from './graph-model-bytes.js';
import { tarball, type TarEntry } from './tar-writer.js';

export interface FakeRegistry {
  address: string;
  /** Paths that were asked for. */
  requests: string[];
  archive: Buffer;
  /** Replaces what the registry says of the version. */
  onManifest?: ((manifest: Record<string, unknown>) => unknown) | undefined;
  /** Answers the request for the archive itself and returns true, or leaves it to the server. */
  onArchive?: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  close(): Promise<void>;
}

export const integrityOf = (archive: Buffer): string => `sha512-${createHash('sha512').update(archive).digest('base64')}`;

export function packageOf(archive: Buffer, members: string[]): NpmPackage {
  return { name: '@org/weights', version: '1.0.0', integrity: integrityOf(archive), size: archive.length, members };
}

/** The members of an archive with random weights for all attribute networks. */
export function attributeEntries(): TarEntry[] {
  const models = Object.entries(ATTRIBUTE_NETWORKS).flatMap(([name, rules]) => {
    const { json, bin } = networkModel(name, rules);
    return [
      { path: `package/models/${name}.bin`, data: bin },
      { path: `package/models/${name}.json`, data: json },
    ];
  });
  return [{ path: 'package/LICENSE', data: Buffer.from('MIT') }, ...models];
}

export const membersOf = (entries: readonly TarEntry[]): string[] => entries.map(({ path }) => path.replace(/^package\//, ''));

export async function startRegistry(archive: Buffer = tarball(attributeEntries())): Promise<FakeRegistry> {
  const server = createServer((request, response) => {
    registry.requests.push(request.url!);
    if (request.url === '/@org%2fweights/1.0.0') {
      const tarball = `${registry.address}/@org/weights/-/weights-1.0.0.tgz`;
      const manifest = { name: '@org/weights', version: '1.0.0', dist: { tarball, integrity: integrityOf(registry.archive) } };
      response.end(JSON.stringify(registry.onManifest ? registry.onManifest(manifest) : manifest));
    } else if (!request.url!.endsWith('.tgz')) {
      response.writeHead(404).end('{"error":"not found"}');
    } else if (!registry.onArchive?.(request, response)) {
      response.writeHead(200, { 'content-length': registry.archive.length });
      response.end(registry.archive);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const registry: FakeRegistry = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    archive,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return registry;
}
