/** A small wheel laid out like torch's, and a server on this machine that hands it out. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomFillSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fakeTorchMembers, writeZip } from './zip-writer.js';

export const WHEEL_NAME = 'torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl';

export interface Pin {
  kind: 'wheel';
  requirement: string;
  file: string;
  tags: { python: string; implementation: string; abi: string; platform: string };
  url: string;
  size: number;
  /** What the disk must take besides; 0 lets a test run into a full disk. */
  extractedSize: number;
  sha256: string;
  prefix: string;
}

/** A wheel that pip accepts, with `bytes` of library in it that do not compress. */
export function fakeWheel(bytes = 10_000): Buffer {
  const noise = randomFillSync(Buffer.alloc(bytes));
  return writeZip([
    ...fakeTorchMembers([{ name: 'torch/lib/libnoise.so', data: noise }]),
    {
      name: 'torch-2.13.0+cpu.dist-info/METADATA',
      data: 'Metadata-Version: 2.1\nName: torch\nVersion: 2.13.0+cpu\n',
    },
    {
      name: 'torch-2.13.0+cpu.dist-info/WHEEL',
      data: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: cp311-cp311-manylinux_2_28_x86_64\n',
    },
  ]);
}

export function pinOf(wheel: Buffer, url = ''): Pin {
  return {
    kind: 'wheel',
    requirement: 'torch==2.13.0+cpu',
    file: WHEEL_NAME,
    tags: { python: '3.11', implementation: 'cp', abi: 'cp311', platform: 'manylinux_2_28_x86_64' },
    url,
    size: wheel.length,
    extractedSize: 0,
    sha256: createHash('sha256').update(wheel).digest('hex'),
    prefix: 'torch/',
  };
}

export interface WheelServer {
  url: string;
  /** The Range header of each request, '' where there was none. */
  requests: string[];
  close(): Promise<void>;
}

export interface ServerBehaviour {
  /** Ends the connection after this many bytes, for the first `cuts` requests. */
  cutAfter?: number;
  cuts?: number;
  ignoreRange?: boolean;
  status?: number;
  location?: string;
  extra?: Buffer;
  /** Sends this many bytes, then waits a millisecond. */
  chunk?: number;
  /** Called before a request is answered. */
  onRequest?: () => void;
}

async function sendBody(response: ServerResponse, body: Buffer, chunk: number): Promise<void> {
  for (let at = 0; at < body.length && !response.destroyed; at += chunk) {
    response.write(body.subarray(at, at + chunk));
    if (chunk < body.length) await sleep(1);
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  wheel: Buffer,
  b: ServerBehaviour,
  index: number,
): Promise<void> {
  if (b.status !== undefined) {
    response.writeHead(b.status, b.location === undefined ? {} : { location: b.location }).end();
    return;
  }
  const from = b.ignoreRange ? 0 : Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  response.writeHead(from > 0 ? 206 : 200);
  const cut = b.cutAfter !== undefined && index < (b.cuts ?? 1);
  const body = Buffer.concat([
    wheel.subarray(from, cut ? from + (b.cutAfter as number) : undefined),
    b.extra ?? Buffer.alloc(0),
  ]);
  await sendBody(response, body, b.chunk ?? Math.max(1, body.length));
  if (cut) response.destroy();
  else response.end();
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/wheel`),
    );
  });
}

export async function serveWheel(wheel: Buffer, behaviour: ServerBehaviour = {}): Promise<WheelServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    behaviour.onRequest?.();
    requests.push(request.headers.range ?? '');
    response.on('error', () => {});
    void answer(request, response, wheel, behaviour, requests.length - 1);
  });
  const url = await listen(server);
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url, requests, close };
}
