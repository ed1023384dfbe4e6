import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

export interface HubRequest {
  path: string;
  authorization: string | undefined;
  range: string | undefined;
}

/** Answers a request itself and returns true, or leaves it to the server. */
export type Interceptor = (
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
) => boolean;

export interface FakeHub {
  endpoint: string;
  commit: string;
  /** Requests to the hub itself, and to the second origin that it redirects large files to. */
  requests: HubRequest[];
  storageRequests: HubRequest[];
  /** By path inside the model. */
  files: Map<string, Buffer>;
  /** Set to take over answers of either server for a file ('' for the listing). */
  onHub?: Interceptor | undefined;
  onStorage?: Interceptor | undefined;
  /** Replaces what the listing says. */
  onListing?: ((listing: Record<string, unknown>) => unknown) | undefined;
  close(): Promise<void>;
}

export function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

export function gitOid(data: Buffer): string {
  return createHash('sha1').update(`blob ${data.length}\0`).update(data).digest('hex');
}

function isLarge(path: string): boolean {
  return path.endsWith('.safetensors');
}

function listing(hub: FakeHub): Record<string, unknown> {
  const siblings = [...hub.files].map(([rfilename, data]) => ({
    rfilename,
    size: data.length,
    blobId: gitOid(data),
    ...(isLarge(rfilename) && {
      lfs: { sha256: sha256(data), size: data.length, pointerSize: 134 },
    }),
  }));
  return { id: 'org/model', sha: hub.commit, siblings };
}

/** A body with support for `Range: bytes=N-`. */
export function sendRange(request: IncomingMessage, response: ServerResponse, data: Buffer): void {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const partial = start > 0 && start < data.length;
  const body = partial ? data.subarray(start) : data;
  response.writeHead(partial ? 206 : 200, {
    'content-length': body.length,
    ...(partial && { 'content-range': `bytes ${start}-${data.length - 1}/${data.length}` }),
  });
  response.end(body);
}

/** A body that announces all of `data` from `start` on, and sends only so many bytes of it. */
export function sendHead(response: ServerResponse, data: Buffer, bytes: number, start = 0): void {
  response.writeHead(start > 0 ? 206 : 200, {
    'content-length': data.length - start,
    ...(start > 0 && { 'content-range': `bytes ${start}-${data.length - 1}/${data.length}` }),
  });
  response.write(data.subarray(start, start + bytes));
}

function note(request: IncomingMessage): HubRequest {
  return {
    path: request.url!,
    authorization: request.headers.authorization,
    range: request.headers.range,
  };
}

async function listen(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<[Server, string]> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return [server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`];
}

async function shut(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

function notFound(response: ServerResponse): void {
  response.writeHead(404).end('not found');
}

/**
 * A model hub on 127.0.0.1 that serves one model, org/model. Files that end in .safetensors are
 * redirected to a second server on another port, as the real hub does with large files.
 */
export async function startHub(files: Record<string, Buffer | string>): Promise<FakeHub> {
  const contents = new Map(Object.entries(files).map(([path, data]) => [path, Buffer.from(data)]));
  const fields = {
    files: contents,
    commit: sha256(randomBytes(8)).slice(0, 40),
    requests: [],
    storageRequests: [],
  };
  const [storage, storageEndpoint] = await listen((request, response) => {
    hub.storageRequests.push(note(request));
    const name = decodeURIComponent(request.url!.slice(1));
    if (hub.onStorage?.(request, response, name)) return;
    const data = hub.files.get(name);
    if (data) sendRange(request, response, data);
    else notFound(response);
  });
  const [server, endpoint] = await listen((request, response) => {
    hub.requests.push(note(request));
    const name = decodeURIComponent(/\/resolve\/[0-9a-f]{40}\/(.*)$/.exec(request.url!)?.[1] ?? '');
    if (hub.onHub?.(request, response, name)) return;
    if (request.url!.startsWith('/api/models/org/model/revision/')) {
      const json = listing(hub);
      response.end(JSON.stringify(hub.onListing ? hub.onListing(json) : json));
    } else if (!request.url!.startsWith('/org/model/') || !hub.files.has(name)) {
      notFound(response);
    } else if (isLarge(name)) {
      response.writeHead(302, { location: `${storageEndpoint}/${encodeURIComponent(name)}` }).end();
    } else {
      sendRange(request, response, hub.files.get(name)!);
    }
  });
  const hub: FakeHub = {
    ...fields,
    endpoint,
    close: async () => {
      await Promise.all([shut(server), shut(storage)]);
    },
  };
  return hub;
}
