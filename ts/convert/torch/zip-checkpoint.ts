/** What torch.save writes since PyTorch 1.6: a zip with NAME/data.pkl and a member NAME/data/KEY for each storage. */
import { crc32 } from 'node:zlib';
import { shown, type InputFile } from '../input-file.js';
import { ByteReader } from '../pickle/byte-reader.js';
import type { StorageRef } from '../pickle/values.js';
import type { SourceCheckpoint } from '../source-tensor.js';
import { openPickled, readPickleOf, storageBytes } from './checkpoint.js';
import { dataOffset, readZipDirectory, type ZipMember } from './zip-directory.js';

const PICKLE = 'data.pkl';
const MAX_BYTEORDER = 16;

/** Where the bytes of a member begin, once its CRC has been found right. */
async function verified(file: InputFile, member: ZipMember): Promise<number> {
  const start = dataOffset(file, member);
  let crc = 0;
  for await (const piece of file.pieces(start, member.size)) crc = crc32(piece, crc);
  if (crc !== member.crc) throw file.refuse(`the CRC of its member ${shown(member.name)} is wrong; it is damaged`);
  return start;
}

/** The folder that holds data.pkl. */
function findFolder(file: InputFile, members: ReadonlyMap<string, ZipMember>): string {
  const names = [...members.keys()];
  if (names.includes('model.weights.h5')) throw file.refuse('it is a .keras archive; unzip it and convert its model.weights.h5');
  if (names.some((name) => /^[^/]+\/(code\/|constants\.pkl$)/.test(name))) {
    throw file.refuse('it is a TorchScript program; save its state_dict() with torch.save');
  }
  const pickles = names.filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickles.length === 1) return pickles[0]!.slice(0, -PICKLE.length);
  throw file.refuse('it is a zip file, but not one of torch.save');
}

async function checkByteOrder(file: InputFile, member: ZipMember | undefined): Promise<void> {
  if (member === undefined) return;
  const order = member.size > MAX_BYTEORDER ? '' : (await file.read(await verified(file, member), member.size)).toString('latin1');
  if (order !== 'little') throw file.refuse('it was written on a big-endian machine; load and save it on another one');
}

/** Each storage's bytes are checked once, right before they are read for the first time. */
class Storages {
  readonly #starts = new Map<string, Promise<number>>();

  constructor(
    readonly file: InputFile,
    readonly folder: string,
    readonly members: ReadonlyMap<string, ZipMember>,
  ) {}

  #member({ key }: StorageRef): ZipMember {
    const member = this.members.get(`${this.folder}data/${key}`);
    if (member === undefined) throw this.file.refuse(`its storage ${shown(key)} is missing`);
    return member;
  }

  check(storage: StorageRef): void {
    const { size } = this.#member(storage);
    if (size !== storageBytes(storage)) throw this.file.refuse(`its storage ${shown(storage.key)} is not of the size that its pickle says`);
  }

  find(storage: StorageRef): Promise<number> {
    const known = this.#starts.get(storage.key);
    if (known !== undefined) return known;
    const start = verified(this.file, this.#member(storage));
    this.#starts.set(storage.key, start);
    return start;
  }
}

/** @throws DeepcodeError ERR_WEIGHTS_FORMAT */
export async function openZipCheckpoint(file: InputFile): Promise<SourceCheckpoint> {
  const members = readZipDirectory(file);
  const folder = findFolder(file, members);
  await checkByteOrder(file, members.get(`${folder}byteorder`));
  const pickle = members.get(`${folder}${PICKLE}`)!;
  const start = await verified(file, pickle);
  const input = new ByteReader(file, start, start + pickle.size);
  const root = readPickleOf(file, input);
  if (input.remaining > 0) throw file.refuse('its pickle is followed by other data');
  const storages = new Storages(file, folder, members);
  return openPickled(file, root, (storage) => storages.check(storage), (storage) => storages.find(storage));
}
