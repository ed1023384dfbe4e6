/** Files that look like checkpoints of PyTorch and are refused. */
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { FLOATS, call, dict, global, int, join, pickle, stateDict, storage, tensor, text, torchLegacy, torchMembers, torchZip, tuple } from './pickle-bytes.js';
import { writeZip, type ZipMember } from '../../support/zip-writer.js';

export interface HostileFile {
  name: string;
  bytes: () => Buffer;
  /** What the message has to say. */
  says: RegExp;
}

/** A file that appears when anything is executed. */
export const MARKER = joinPath(tmpdir(), 'deepcode-hostile-marker');

const COMMAND = text(`touch ${MARKER}`);
const system = call(global('os', 'system'), COMMAND);
const LONG_NAME = 'm'.repeat(5000);

const repeated = (code: string, count: number): string => code.repeat(count);

/** Lists that each hold the one before ten times. */
function billionLaughs(): Buffer {
  let list = tensor();
  for (let i = 0; i < 20; i++) {
    const memo = String.fromCharCode(i);
    list = join('](', list, `q${memo}`, repeated(`h${memo}`, 9), 'e');
  }
  return pickle(list);
}

/** Pickles, by what they try. Each is tried in both formats of torch.save. */
const PICKLES: readonly (readonly [name: string, data: () => Buffer, says: RegExp])[] = [
  ['os.system', () => pickle(system), /uses os\.system.*nothing of it was run/],
  ['posix.system', () => pickle(call(global('posix', 'system'), COMMAND)), /uses posix\.system/],
  ['subprocess.Popen inside a state dict', () => pickle(dict(['w', call(global('subprocess', 'Popen'), COMMAND)])), /uses subprocess\.Popen/],
  ['builtins.eval', () => pickle(call(global('builtins', 'eval'), text(`__import__('os').system('touch ${MARKER}')`))), /uses builtins\.eval/],
  ['__builtin__.exec', () => pickle(call(global('__builtin__', 'exec'), COMMAND)), /uses __builtin__\.exec/],
  ['builtins.getattr', () => pickle(call(global('builtins', 'getattr'), global('torch', 'Size'), text('__class__'))), /uses builtins\.getattr/],
  ['a chain of _codecs.encode', () => pickle(call(global('_codecs', 'encode'), call(global('_codecs', 'encode'), text('x'), text('rot13')), text('hex'))), /uses _codecs\.encode/],
  ['torch.load', () => pickle(call(global('torch', 'load'), text('other.pth'))), /uses torch\.load/],
  ['a pickle inside a pickle', () => pickle(call(global('torch.storage', '_load_from_bytes'), text('\x80\x02.'))), /uses torch\.storage\._load_from_bytes/],
  ['numpy.core.multiarray._reconstruct', () => pickle(call(global('numpy.core.multiarray', '_reconstruct'), tuple())), /uses numpy/],
  ['Object.prototype by name', () => pickle(global('constructor', 'constructor')), /uses constructor\.constructor/],
  ['a module name of 5,000 characters', () => pickle(global(LONG_NAME, 'x')), /name that is too long/],
  ['STACK_GLOBAL', () => pickle(text('os'), text('system'), '\x93'), /opcode STACK_GLOBAL/],
  ['INST', () => pickle('(', COMMAND, 'ios\nsystem\n'), /opcode INST/],
  ['OBJ', () => pickle('(', global('collections', 'OrderedDict'), 'o'), /opcode OBJ/],
  ['NEWOBJ', () => pickle(global('collections', 'OrderedDict'), ')\x81'), /opcode NEWOBJ/],
  ['EXT1', () => pickle('\x82\x01'), /opcode EXT1/],
  ['EXT2', () => pickle('\x83\x01\0'), /opcode EXT2/],
  ['EXT4', () => pickle('\x84\x01\0\0\0'), /opcode EXT4/],
  ['a payload and then damage', () => join('\x80\x02', system, Buffer.alloc(64, 0xff)), /uses os\.system/],
  ['a payload after the state dict', () => pickle(dict(['w', tensor()]), system), /uses os\.system/],
  ['an unknown opcode', () => pickle('\xff'), /opcode 0xff/],
  ['stack underflow', () => pickle('R'), /takes more from its stack/],
  ['an empty stack at the end', () => pickle(), /takes more from its stack/],
  ['a tuple without a mark', () => pickle('t'), /takes more from its stack/],
  ['a pop below a mark', () => pickle(int(1), '(', '\x85'), /takes more from its stack/],
  ['values left on the stack', () => pickle(int(1), dict(['w', tensor()])), /before its data is complete/],
  ['SETITEMS on an int', () => pickle(int(1), '(', text('a'), int(2), 'u'), /sets items of what is no dictionary/],
  ['SETITEMS of an odd number', () => pickle('}(', text('a'), 'u'), /sets items/],
  ['APPEND to a dictionary', () => pickle('}', int(1), 'a'), /appends to what is no list/],
  ['BUILD of a tensor', () => pickle(tensor(), '}b'), /sets attributes/],
  ['BUILD of a function', () => pickle(global('torch', 'Size'), '}b'), /sets attributes/],
  ['a call of a class of storages', () => pickle(call(global('torch', 'FloatStorage'), int(9))), /calls what is no function/],
  ['a call of a text', () => pickle(call(text('eval'), text('1'))), /calls what is no function/],
  ['a BINUNICODE8 of 4 GB', () => pickle('\x8d\0\0\0\0\x01\0\0\0'), /opcode BINUNICODE8/],
  ['a BINUNICODE of 4 GB', () => pickle('X\xff\xff\xff\xff'), /text that is too long/],
  ['a BINUNICODE longer than the file', () => pickle('X\0\0\x01\0'), /cut off/],
  ['a LONG4 of 2 GB', () => pickle('\x8b\xff\xff\xff\x7f'), /opcode LONG4/],
  ['a LONG_BINPUT to 2^31', () => pickle(int(1), 'r\0\0\0\x80'), /memory with gaps/],
  ['a dangling memo', () => pickle('h\x07'), /refers to what it has not made/],
  ['a dangling long memo', () => pickle('j\xff\xff\xff\xff'), /refers to what it has not made/],
  ['protocol 5', () => join('\x80\x05', '}.'), /protocol 5/],
  ['a million dictionaries', () => pickle('(', repeated('}', 1_000_000), 't'), /more objects/],
  ['ten million marks', () => pickle(repeated('(', 10_000_000)), /more objects/],
  ['lists of lists of lists', billionLaughs, /nested too deep/],
  ['a dictionary that holds itself', () => pickle('}q\0(', text('w'), 'h\0', text('x'), tensor(), 'u'), /nested too deep/],
  ['a wrapper that holds itself', () => pickle('}q\0(', text('model'), 'h\0', text('x'), '](', tensor(), 'eu'), /nested too deep/],
  ['a key that is a tuple', () => pickle('}', tuple(int(1)), tensor(), 's'), /keys are not names/],
  ['a text where a tensor has its storage', () => pickle(call(global('torch._utils', '_rebuild_tensor_v2'), text('x'), int(0), tuple(), tuple(), '\x89', '}')), /damaged tensor/],
  ['a persistent id that is a path', () => pickle(text('/etc/passwd'), 'Q'), /damaged storage/],
  ['a persistent id of another kind', () => pickle(storage({ kind: 'module' })), /damaged storage/],
  ['a function as class of a storage', () => pickle(storage({ storage: global('torch', 'Size') })), /damaged storage/],
  ['a storage of a negative size', () => stateDict({ count: -1 }), /damaged tensor/],
  ['a stride out of bounds', () => stateDict({ shape: [2], stride: [2] }), /outside its storage/],
  ['an offset out of bounds', () => stateDict({ offset: 1 }), /outside its storage/],
  ['a negative stride', () => stateDict({ offset: 1, stride: [-1] }), /damaged tensor/],
  ['a negative size', () => stateDict({ shape: [-2] }), /damaged tensor/],
  ['more sizes than strides', () => stateDict({ shape: [1, 2] }), /damaged tensor/],
  ['sizes that overflow', () => stateDict({ shape: [2 ** 30, 2 ** 30, 2 ** 30], stride: [0, 0, 0] }), /damaged tensor/],
  ['a tensor of 2^50 times one float', () => stateDict({ shape: [2 ** 25, 2 ** 25], stride: [0, 0] }), /16 times the file's size/],
  ['a storage larger than the file', () => stateDict({ count: 2 ** 30, shape: [2 ** 30] }), /not of the size/],
  ['a storage smaller than its bytes', () => stateDict({ count: 1, shape: [1] }), /not of the size/],
  ['two tensors of one name', () => pickle(dict(['a', dict(['b', tensor()])], ['a.b', tensor()])), /two tensors of one name/],
];

const cut = (bytes: Buffer, by: number): Buffer => bytes.subarray(0, bytes.length - by);
const good = stateDict();

/** Members with a change to the one called `name`. */
const changed =
  (name: string, change: Partial<ZipMember>) =>
  (members: ZipMember[]): ZipMember[] =>
    members.map((member) => (member.name === name ? { ...member, ...change } : member));

const also =
  (...extra: ZipMember[]) =>
  (members: ZipMember[]): ZipMember[] => [...members, ...extra];

const ZIPS: readonly HostileFile[] = [
  { name: 'a member above its folder', bytes: () => torchZip(good, also({ name: 'm/../../evil', data: 'x', store: true })), says: /not a plain relative path/ },
  { name: 'an absolute member', bytes: () => torchZip(good, also({ name: '/evil', data: 'x', store: true })), says: /not a plain relative path/ },
  { name: 'a member of a Windows path', bytes: () => torchZip(good, also({ name: 'm\\evil', data: 'x', store: true })), says: /not a plain relative path/ },
  { name: 'one member twice', bytes: () => torchZip(good, also({ name: 'm/data.pkl', data: pickle(system), store: true })), says: /two members of one name/ },
  { name: 'two pickles', bytes: () => torchZip(good, also({ name: 'n/data.pkl', data: good, store: true })), says: /not one of torch\.save/ },
  { name: 'a deflate bomb', bytes: () => torchZip(good, changed('m/data/0', { data: Buffer.alloc(1 << 28), store: false })), says: /is compressed/ },
  { name: 'a stored member that claims to be larger', bytes: () => torchZip(good, changed('m/data/0', { claim: { size: 2 ** 31, compressedSize: 2 ** 31 } })), says: /overlap/ },
  { name: 'a wrong CRC of the pickle', bytes: () => torchZip(good, changed('m/data.pkl', { claim: { crc: 1 } })), says: /CRC/ },
  { name: 'a wrong CRC of a storage', bytes: () => torchZip(good, changed('m/data/0', { claim: { crc: 1 } })), says: /CRC/ },
  { name: 'members that overlap', bytes: () => torchZip(good, changed('m/data/0', { claim: { offset: 0 } })), says: /overlap/ },
  { name: 'a member whose local header has another name', bytes: () => torchZip(good, changed('m/data/0', { localName: 'm/data/1' })), says: /table of contents differ/ },
  { name: 'an encrypted member', bytes: () => torchZip(good, changed('m/data/0', { flags: 0x801 })), says: /encrypted/ },
  { name: 'a wrong number of members', bytes: () => torchZip(good, undefined, { count: 2 }), says: /table of contents is damaged/ },
  { name: 'zip64 fields beyond the file', bytes: () => torchZip(good, changed('m/data/0', { claim: { offset: 2 ** 50 } }), { zip64: true }), says: /table of contents is damaged/ },
  { name: 'a missing storage', bytes: () => torchZip(good, (members) => members.filter(({ name }) => name !== 'm/data/0')), says: /storage "0" is missing/ },
  { name: 'a storage key that climbs', bytes: () => torchZip(stateDict({ key: '../version' })), says: /damaged storage/ },
  { name: 'data after the pickle', bytes: () => torchZip(join(good, 'x')), says: /followed by other data/ },
  { name: 'a file of a big-endian machine', bytes: () => torchZip(good, changed('m/byteorder', { data: 'big' })), says: /big-endian/ },
  { name: 'a TorchScript program', bytes: () => torchZip(good, also({ name: 'm/constants.pkl', data: good, store: true })), says: /TorchScript/ },
  { name: 'a .keras archive', bytes: () => writeZip([{ name: 'config.json', data: '{}' , store: true }, { name: 'model.weights.h5', data: 'x', store: true }]), says: /\.keras archive/ },
  { name: 'a zip without a pickle', bytes: () => writeZip(torchMembers(good).slice(1)), says: /not one of torch\.save/ },
  { name: 'a zip that is cut off', bytes: () => cut(torchZip(good), 30), says: /cut off/ },
  { name: 'a zip with bytes after it', bytes: () => join(torchZip(good), 'payload'), says: /cut off or no zip/ },
  { name: 'a zip signature and nothing else', bytes: () => Buffer.from('PK\x03\x04'), says: /cut off/ },
]; // prettier-ignore

const LEGACY: readonly HostileFile[] = [
  { name: 'a plain pickle', bytes: () => good, says: /not one of torch\.save/ },
  { name: 'another magic number', bytes: () => torchLegacy(good, { magic: Buffer.from([1, 2, 3]) }), says: /not one of torch\.save/ },
  { name: 'a big-endian machine', bytes: () => torchLegacy(good, { littleEndian: false }), says: /big-endian/ },
  { name: 'a key twice', bytes: () => torchLegacy(good, { keys: ['0', '0'] }), says: /list of storages is damaged/ },
  { name: 'a key that the pickle does not have', bytes: () => torchLegacy(good, { keys: ['1'] }), says: /storage "1" is not of the size/ },
  { name: 'no storages', bytes: () => cut(torchLegacy(good), 16), says: /cut off/ },
  { name: 'a storage of another size', bytes: () => torchLegacy(good, { count: 1n, data: FLOATS.subarray(0, 4) }), says: /not of the size/ },
  { name: 'a storage of 2^63 elements', bytes: () => torchLegacy(good, { count: 1n << 63n }), says: /not of the size/ },
  { name: 'a storage that is cut off', bytes: () => cut(torchLegacy(good), 1), says: /cut off/ },
  { name: 'bytes after the last storage', bytes: () => torchLegacy(good, { after: pickle(system) }), says: /followed by other data/ },
];

function tarFile(): Buffer {
  const bytes = Buffer.alloc(1024);
  bytes.write('storages', 0);
  bytes.write('ustar', 257);
  return bytes;
}

const OTHERS: readonly HostileFile[] = [
  { name: 'an empty file', bytes: () => Buffer.alloc(0), says: /neither a PyTorch checkpoint nor/ },
  { name: 'text', bytes: () => Buffer.from('hello'), says: /neither a PyTorch checkpoint nor/ },
  { name: 'a tar of an old torch.save', bytes: tarFile, says: /tar archive/ },
  { name: 'a safetensors file', bytes: () => Buffer.from('\x02\0\0\0\0\0\0\0{}', 'latin1'), says: /needs no conversion/ },
];

/** Every pickle in both formats, and what can be wrong with the formats themselves. */
export const HOSTILE_CHECKPOINTS: readonly HostileFile[] = [
  ...PICKLES.map(([name, data, says]) => ({ name: `${name} (zip)`, bytes: () => torchZip(data()), says })),
  ...PICKLES.map(([name, data, says]) => ({ name: `${name} (legacy)`, bytes: () => torchLegacy(data()), says })),
  ...ZIPS,
  ...LEGACY.map((file) => ({ ...file, name: `${file.name} (legacy)` })),
  ...OTHERS,
];

export const PICKLE_COUNT = PICKLES.length;
