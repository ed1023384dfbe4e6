/** An HDF5 file that is read by a worker, which is ended when the file makes it hang. */
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DeepcodeError } from '../../errors.js';
import type { InputFile } from '../input-file.js';
import type { Hdf5Answer, Hdf5Dataset, Hdf5Request, WorkerSetup } from './protocol.js';
import { Watchdog } from './watchdog.js';

const CHECK_MS = 100;

/** dist/ holds JavaScript; from the sources, as the tests run, the worker needs a loader. */
const EXTENSION = extname(__filename);
const EXEC_ARGV = EXTENSION === '.ts' ? ['--require', 'tsx/cjs'] : [];

const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 8 } as const;

export class Hdf5File {
  readonly #file: InputFile;
  readonly #worker: Worker;
  readonly #heartbeat: Int32Array;

  private constructor(file: InputFile, worker: Worker, heartbeat: Int32Array) {
    this.#file = file;
    this.#worker = worker;
    this.#heartbeat = heartbeat;
    worker.on('error', () => {}); // Each request listens for itself; without a listener the process would end.
  }

  /** Starts the worker. @throws DeepcodeError ERR_INTERNAL where the HDF5 library cannot be loaded */
  static async open(file: InputFile): Promise<Hdf5File> {
    const heartbeat = new SharedArrayBuffer(4);
    const setup: WorkerSetup = { fd: file.fd, fileSize: file.size, heartbeat };
    const worker = new Worker(join(__dirname, `worker${EXTENSION}`), {
      workerData: setup,
      execArgv: EXEC_ARGV,
      resourceLimits: RESOURCE_LIMITS,
    });
    const opened = new Hdf5File(file, worker, new Int32Array(heartbeat));
    try {
      await opened.#answer(undefined);
    } catch (error) {
      await opened.close();
      throw new DeepcodeError('ERR_INTERNAL', 'The HDF5 reader did not start. Reinstall this package.', { cause: error });
    }
    return opened;
  }

  /** The next message of the worker; with a watchdog, as long as it works on the file. */
  #answer(watchdog: Watchdog | undefined): Promise<Hdf5Answer> {
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      const settle = (action: () => void): void => {
        clearInterval(timer);
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        action();
      };
      const refuse = (reason: string): void => settle(() => reject(this.#file.refuse(reason)));
      const onMessage = (message: Hdf5Answer): void => settle(() => resolve(message));
      const onError = (): void => refuse('it makes the HDF5 library fail');
      const onExit = (): void => refuse('it makes the HDF5 library fail');
      const timer = setInterval(() => watchdog?.isStalled() && refuse('it makes the HDF5 library hang'), CHECK_MS);
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    });
  }

  async #request(request: Hdf5Request): Promise<Hdf5Answer> {
    const answer = this.#answer(new Watchdog(this.#heartbeat));
    this.#worker.postMessage(request);
    const message = await answer;
    if (message.kind === 'refused') throw this.#file.refuse(message.reason);
    return message;
  }

  /** Every dataset of the file. @throws DeepcodeError ERR_WEIGHTS_FORMAT */
  async list(): Promise<readonly Hdf5Dataset[]> {
    const answer = await this.#request({ kind: 'list' });
    return answer.kind === 'list' ? answer.datasets : [];
  }

  /** A block of a dataset of `bytes` bytes. @throws DeepcodeError ERR_WEIGHTS_FORMAT */
  async read(path: readonly string[], bytes: number, offset: readonly number[], count: readonly number[]): Promise<Uint8Array> {
    const answer = await this.#request({ kind: 'read', path, bytes, offset, count });
    return answer.kind === 'read' ? answer.bytes : new Uint8Array(0);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
