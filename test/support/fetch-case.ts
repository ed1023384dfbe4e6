/** A folder and a server of a made-up wheel, libtorch's unless another is given, for the tests of fetching it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeWheel, pinOf, type Pin, type ServerBehaviour, serveWheel, type WheelServer } from './libtorch-server.js';

export const wheel = fakeWheel(200_000);

/** For assert.rejects: the code, where given the reason, and a message of bounded length. */
export const codeIs =
  (code: string, reason?: RegExp) =>
  (error: Error & { code?: string }): boolean => {
    assert.equal(error.code, code, error.stack);
    if (reason) assert.match(error.message, reason);
    assert.ok(error.message.length <= 300);
    return true;
  };

/** A wheel, and how it is pinned when it is at `url`. */
export interface Served {
  wheel: Buffer;
  pinOf: (wheel: Buffer, url: string) => Pin;
}

export interface FetchCase {
  /** New for each test, removed after it. */
  readonly folder: string;
  serve(behaviour?: ServerBehaviour, what?: Served): Promise<{ pin: Pin; server: WheelServer }>;
}

/** To be called inside describe(). */
export function useFetchCase(): FetchCase {
  let folder = '';
  let server: WheelServer | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'deepcode-fetch-'));
  });
  afterEach(async () => {
    await server?.close();
    server = undefined;
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    get folder() {
      return folder;
    },
    async serve(behaviour, what = { wheel, pinOf }) {
      server = await serveWheel(what.wheel, behaviour);
      return { pin: what.pinOf(what.wheel, server.url), server };
    },
  };
}
