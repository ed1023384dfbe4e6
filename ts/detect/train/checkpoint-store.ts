/** The checkpoints of a run: each a folder written as a whole, verified before it is trusted. */
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeepcodeError } from '../../errors.js';
import { writeAtomicFolder } from '../../weights/atomic-folder.js';
import { isCompleteFolder } from '../../weights/folder-manifest.js';
import { removeLeftovers } from '../../weights/leftovers.js';
import { parseRunState, type RunState } from './run-state.js';

const STATE_FILE = 'state.json';
const TENSORS_FILE = 'state.safetensors';
const NAME = /^(epoch-\d{5,}|step-\d{8,})$/;

export interface Checkpoint {
  name: string;
  state: RunState;
  /** Path of the tensors, for Trainer.restoreState. */
  tensors: string;
}

export const epochCheckpointName = (epoch: number): string => `epoch-${String(epoch).padStart(5, '0')}`;
export const stepCheckpointName = (step: number): string => `step-${String(step).padStart(8, '0')}`;

function isNewer(a: RunState, b: RunState): boolean {
  return a.epochsDone !== b.epochsDone ? a.epochsDone > b.epochsDone : a.step > b.step;
}

export class CheckpointStore {
  constructor(private readonly folder: string) {}

  /**
   * Writes a checkpoint, then removes those that nothing needs any more: all but this one and that of the
   * best epoch. A crash at any moment leaves the old ones or the new one complete.
   */
  async save(name: string, state: RunState, saveTensors: (path: string) => Promise<void>): Promise<void> {
    await writeAtomicFolder(join(this.folder, name), async (temporary) => {
      await saveTensors(join(temporary, TENSORS_FILE));
      await writeFile(join(temporary, STATE_FILE), `${JSON.stringify(state, null, 2)}\n`);
    });
    await this.#prune([name, ...(state.best ? [epochCheckpointName(state.best.epoch)] : [])]);
  }

  /** @throws DeepcodeError ERR_IO when it is not there or not complete */
  async open(name: string): Promise<Checkpoint> {
    const checkpoint = await this.#read(name);
    if (checkpoint) return checkpoint;
    throw new DeepcodeError(
      'ERR_IO',
      `Checkpoint ${name} is missing or damaged. Start the run again in another --out.`,
    );
  }

  /** Whether {@link open} opens it. */
  has(name: string): Promise<boolean> {
    return isCompleteFolder(join(this.folder, name));
  }

  /** The newest complete checkpoint; damaged ones are passed over and reported to `log`. */
  async latest(log: (message: string) => void): Promise<Checkpoint | undefined> {
    await removeLeftovers(this.folder);
    let latest: Checkpoint | undefined;
    for (const name of await this.#names()) {
      const checkpoint = await this.#read(name);
      if (!checkpoint) log(`Checkpoint ${name} is damaged and is passed over.`);
      else if (!latest || isNewer(checkpoint.state, latest.state)) latest = checkpoint;
    }
    return latest;
  }

  async #names(): Promise<string[]> {
    return (await readdir(this.folder)).filter((name) => NAME.test(name)).sort();
  }

  async #read(name: string): Promise<Checkpoint | undefined> {
    const path = join(this.folder, name);
    if (!(await isCompleteFolder(path))) return undefined;
    const content = JSON.parse(await readFile(join(path, STATE_FILE), 'utf8')) as unknown;
    return {
      name,
      state: parseRunState(content, `${name}/${STATE_FILE}`),
      tensors: join(path, TENSORS_FILE),
    };
  }

  async #prune(kept: readonly string[]): Promise<void> {
    const old = (await this.#names()).filter((name) => !kept.includes(name));
    await Promise.all(old.map((name) => rm(join(this.folder, name), { recursive: true, force: true })));
  }
}
