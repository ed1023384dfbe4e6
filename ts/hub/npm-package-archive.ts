/**
 * Reading single files of an npm package's archive (a gzipped tar) into memory. Refused: links and devices, absolute
 * paths, `..`, a path twice, wanted files that are missing or too large, and an archive that unpacks to far more than
 * its size. Other files are passed over; nothing is written to the disk.
 */
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { DeepcodeError, isAbort } from '../errors.js';

// What `import()` gives, which has types of its own beside those of `require`.
type Tar = typeof import('tar', { with: { 'resolution-mode': 'import' } });
type Parser = InstanceType<Tar['Parser']>;
type ReadEntry = InstanceType<Tar['ReadEntry']>;

export interface ArchiveRules {
  /** Of the archive, in bytes. */
  size: number;
  /** Paths inside the package, without its top folder. */
  members: readonly string[];
}

/** npm puts everything below one folder. */
const TOP = 'package/';
/** An archive of weights hardly shrinks (1.2 for the one in use). */
const MAX_RATIO = 20;
/** Headers and padding of a small archive weigh more than its content. */
const SLACK = 2 ** 20;
const MAX_MEMBER_BYTES = 64 * 2 ** 20;
const MAX_ENTRIES = 10_000;

const refuse = (reason: string, options?: ErrorOptions): DeepcodeError =>
  new DeepcodeError('ERR_WEIGHTS_FORMAT', `The package's archive is refused: ${reason}. Try another registry.`, options);

const isInside = (path: string): boolean =>
  !path.startsWith('/') && !/[\\\0]/.test(path) && !path.split('/').includes('..');

/** Takes tar bytes, keeps the wanted members. */
class MemberReader {
  readonly found = new Map<string, Buffer>();
  readonly #seen = new Set<string>();
  readonly #wanted: ReadonlySet<string>;
  readonly #limit: number;
  readonly #parser: Parser;
  #unpacked = 0;
  #failure: unknown;

  constructor(rules: ArchiveRules, ParserClass: Tar['Parser']) {
    this.#wanted = new Set(rules.members.map((member) => TOP + member));
    this.#limit = rules.size * MAX_RATIO + SLACK;
    this.#parser = new ParserClass({ strict: true, onReadEntry: (entry) => this.#take(entry) });
    this.#parser.on('error', (error: unknown) => this.#fail(refuse('it is no tar archive', { cause: error })));
  }

  write(chunk: Buffer): void {
    this.#unpacked += chunk.length;
    if (this.#unpacked > this.#limit) throw refuse(`it unpacks to over ${MAX_RATIO} times its size`);
    this.#parser.write(chunk);
    if (this.#failure !== undefined) throw this.#failure;
  }

  end(): void {
    this.#parser.end();
    if (this.#failure !== undefined) throw this.#failure;
    const missing = [...this.#wanted].find((path) => !this.found.has(path.slice(TOP.length)));
    if (missing !== undefined) throw refuse(`it lacks ${missing.slice(TOP.length)}`);
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
  }

  #problemOf({ path, type, size }: ReadEntry): string | undefined {
    if (!['File', 'OldFile', 'ContiguousFile', 'Directory'].includes(type)) return 'it holds a link or a device';
    if (!isInside(path)) return 'a path in it leaves its folder';
    if (this.#seen.has(path)) return 'a path in it is there twice';
    if (this.#seen.size >= MAX_ENTRIES) return `it has over ${MAX_ENTRIES} entries`;
    return this.#wanted.has(path) && size > MAX_MEMBER_BYTES ? `a file in it has over ${MAX_MEMBER_BYTES} bytes` : undefined;
  }

  #take(entry: ReadEntry): void {
    const problem = this.#problemOf(entry);
    if (problem !== undefined) this.#fail(refuse(problem));
    this.#seen.add(entry.path);
    if (this.#failure !== undefined || !this.#wanted.has(entry.path)) return void entry.resume();
    const parts: Buffer[] = [];
    entry.on('data', (part: Buffer) => parts.push(part));
    entry.on('end', () => this.found.set(entry.path.slice(TOP.length), Buffer.concat(parts)));
  }
}

/**
 * The wanted members, by path inside the package. `archive` is read to its end.
 *
 * @throws DeepcodeError ERR_WEIGHTS_FORMAT, or what `archive` throws
 */
export async function readMembers(archive: AsyncIterable<Uint8Array>, rules: ArchiveRules): Promise<Map<string, Buffer>> {
  const { Parser: ParserClass } = await import('tar');
  const reader = new MemberReader(rules, ParserClass);
  try {
    await pipeline(archive, createGunzip(), async (tar: AsyncIterable<Buffer>) => {
      for await (const chunk of tar) reader.write(chunk);
    });
  } catch (error) {
    if (error instanceof DeepcodeError || isAbort(error)) throw error;
    throw refuse('it is no gzip archive', { cause: error });
  }
  reader.end();
  return reader.found;
}
