import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../errors.js';
import { Digest, digestFile, type Expectation } from './digest.js';
import { checksumError, diskCode, diskError, interruptedError, onDisk } from './failures.js';
import { PartialFile } from './partial-file.js';
import { get, type Answer } from './request.js';
import { withRetries } from './retry.js';
import { type HubSession } from './session.js';

export interface BlobRequest extends Expectation {
  /** The file's address at a commit. */
  address: string;
  /** Path inside the model, for messages and progress. */
  file: string;
  size: number;
  /** Where the finished blob goes. */
  target: string;
}

/** The state of a transfer that survives a broken connection. */
interface Transfer {
  request: BlobRequest;
  partial: PartialFile;
  digest: Digest;
  received: number;
  /** The most that was ever received: only going beyond it is progress. */
  furthest: number;
  /** Some bytes are from an earlier try or process: a wrong hash may be their fault. */
  resumed: boolean;
}

async function restart(transfer: Transfer): Promise<void> {
  await onDisk(transfer.partial.handle.truncate(0));
  transfer.received = 0;
  transfer.resumed = false;
  transfer.digest = new Digest(transfer.request, transfer.request.size);
}

async function begin(request: BlobRequest, session: HubSession): Promise<Transfer> {
  await onDisk(mkdir(dirname(request.target), { recursive: true }));
  const partial = await onDisk(PartialFile.open(dirname(request.target), request.oid));
  const digest = new Digest(request, request.size);
  const transfer = { request, partial, digest, received: 0, furthest: 0, resumed: false };
  try {
    const present = await onDisk(partial.size());
    if (present > request.size) await restart(transfer);
    else if (present > 0) {
      await onDisk(digestFile(partial.path, digest, present, session.signal));
      Object.assign(transfer, { received: present, furthest: present, resumed: true });
    }
    return transfer;
  } catch (error) {
    await partial.release();
    throw error;
  }
}

/** True when the answer continues at the byte that was asked for. */
function continues({ response }: Answer, received: number): boolean {
  const range = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
  return response.status === 206 && Number(range?.[1]) === received;
}

async function ask(transfer: Transfer, session: HubSession): Promise<Answer> {
  const { request, received } = transfer;
  // Compressed, neither size nor offset would be those of the file.
  const headers = {
    'accept-encoding': 'identity',
    ...(received > 0 && { range: `bytes=${received}-` }),
  };
  const answer = await get(request.address, { ...session, headers, what: request.file });
  if (received === 0) return answer;
  transfer.resumed = continues(answer, received);
  if (!transfer.resumed) await restart(transfer).catch((error: unknown) => abandon(answer, error));
  return answer;
}

function abandon(answer: Answer, error: unknown): never {
  answer.cancel();
  throw error;
}

async function receive(
  transfer: Transfer,
  session: HubSession,
  progressed: () => void,
): Promise<void> {
  const { request, partial } = transfer;
  if (transfer.received === request.size) return;
  const answer = await ask(transfer, session);
  for await (const chunk of answer.chunks()) {
    if (transfer.received + chunk.length > request.size)
      throw checksumError(request.file, 'it is longer');
    await onDisk(writeAll(partial, chunk, transfer.received));
    transfer.digest.update(chunk);
    transfer.received += chunk.length;
    if (transfer.received > transfer.furthest) progressed();
    transfer.furthest = Math.max(transfer.furthest, transfer.received);
    session.onProgress?.({ file: request.file, received: transfer.received, size: request.size });
  }
  if (transfer.received < request.size) {
    throw interruptedError(request.file, `${transfer.received} of ${request.size} bytes`);
  }
}

async function writeAll(
  { handle }: PartialFile,
  chunk: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    done += (await handle.write(chunk, done, chunk.length - done, position + done)).bytesWritten;
  }
}

async function complete(transfer: Transfer, session: HubSession): Promise<void> {
  for (let restarts = 0; ; restarts++) {
    await withRetries((progressed) => receive(transfer, session, progressed), session);
    if (transfer.digest.matches()) return;
    if (!transfer.resumed || restarts > 0) {
      throw checksumError(transfer.request.file, 'its hash differs');
    }
    await restart(transfer);
  }
}

/** Bytes of a broken connection or a cancelled call are good; those of a wrong file go. */
async function giveUp({ partial }: Transfer, error: unknown): Promise<void> {
  const code = errorCode(error);
  const keep = code === 'ERR_NETWORK' || code === 'ABORT_ERR';
  await (keep ? partial.release() : partial.discard());
}

/**
 * Downloads one blob: hashed while it streams, synced, and given its name only when size and hash
 * are right. Goes on where an earlier try ended, whether it failed, was cancelled or was killed.
 *
 * @throws AbortError; DeepcodeError ERR_NETWORK, ERR_CHECKSUM, ERR_IO
 */
export async function downloadBlob(request: BlobRequest, session: HubSession): Promise<void> {
  for (let removals = 0; ; removals++) {
    const transfer = await begin(request, session);
    try {
      await complete(transfer, session);
    } catch (error) {
      await giveUp(transfer, error);
      throw error;
    }
    try {
      return await transfer.partial.finish(request.target);
    } catch (error) {
      await transfer.partial.discard();
      // Somebody removed the cache folder meanwhile: begin again, but not for ever.
      if (diskCode(error) !== 'ENOENT' || removals >= 2) throw diskError(error);
    }
  }
}
