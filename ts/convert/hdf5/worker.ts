/** The thread that HDF5 files are read in. Whatever happens to it, the process goes on. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { Hdf5Datasets } from './datasets.js';
import { Hdf5Refusal, loadHdf5, type Hdf5Library } from './library.js';
import type { Hdf5Answer, Hdf5Request, WorkerSetup } from './protocol.js';

/** Anything but a refusal is a fault in the library, which a sound file does not cause. */
function asRefusal(error: unknown): Hdf5Answer {
  const reason = error instanceof Hdf5Refusal ? error.message : 'it is damaged, or holds what the HDF5 library cannot read';
  return { kind: 'refused', reason };
}

function answer(library: Hdf5Library, datasets: Hdf5Datasets, request: Hdf5Request): Hdf5Answer {
  library.resetReads();
  if (request.kind === 'list') return { kind: 'list', datasets: datasets.list() };
  const { path, bytes, offset, count } = request;
  return { kind: 'read', bytes: datasets.read(path, bytes, offset, count) };
}

async function serve(port: MessagePort, { fd, fileSize, heartbeat }: WorkerSetup): Promise<void> {
  const beats = new Int32Array(heartbeat);
  const library = await loadHdf5(fd, fileSize, () => Atomics.add(beats, 0, 1));
  let datasets: Hdf5Datasets | undefined;
  port.on('message', (request: Hdf5Request) => {
    let reply: Hdf5Answer;
    try {
      datasets ??= new Hdf5Datasets(library, fileSize);
      reply = answer(library, datasets, request);
    } catch (error) {
      reply = asRefusal(error);
    }
    port.postMessage(reply, reply.kind === 'read' ? [reply.bytes.buffer as ArrayBuffer] : []);
  });
  port.postMessage({ kind: 'ready' } satisfies Hdf5Answer);
}

void serve(parentPort!, workerData as WorkerSetup);
