/** Tar archives with whatever a test wants in them, gzipped as npm's are. */
import { gzipSync } from 'node:zlib';

export interface TarEntry {
  path: string;
  data?: Buffer;
  /** POSIX type flag: 0 file, 1 hard link, 2 symbolic link, 3 device, 5 folder. Default 0. */
  type?: string;
  link?: string;
  /** What the header says, if it is not the length of `data`. */
  size?: number;
}

function header({ path, data = Buffer.alloc(0), type = '0', link = '', size = data.length }: TarEntry): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, offset: number, length: number): void => {
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1');
  };
  block.write(path, 0, 100, 'utf8');
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write('        ', 148, 'latin1');
  block.write(type, 156, 'latin1');
  block.write(link, 157, 100, 'utf8');
  block.write('ustar\u000000', 257, 'latin1');
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return block;
}

export function tarBytes(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const data = entry.data ?? Buffer.alloc(0);
    return [header(entry), data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

export const tarball = (entries: readonly TarEntry[]): Buffer => gzipSync(tarBytes(entries));
