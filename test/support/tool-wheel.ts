/** Small wheels laid out like those of CMake and ninja; their programs are shell scripts. */
import { createHash, randomFillSync } from 'node:crypto';
import { type Pin } from './libtorch-server.js';
import { recordLine, writeZip, type ZipMember } from './zip-writer.js';

export const CMAKE_FILE = 'cmake-4.4.3-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl';
const SAYS_VERSION = "#!/bin/sh\necho 'cmake version 4.4.3'\n";
const INFO = 'cmake-4.4.3.dist-info';

/** A program that is there as `mode` says; what else may be in the wheel is in `extra`. */
export interface CmakeWheel {
  program?: string;
  mode?: number;
  extra?: readonly ZipMember[];
  /** Bytes of a module that do not compress. */
  noise?: number;
}

export function cmakeWheel({ program = SAYS_VERSION, mode = 0o100755, extra = [], noise = 1000 }: CmakeWheel = {}): Buffer {
  const members: ZipMember[] = [
    { name: 'cmake/__init__.py', data: 'raise SystemExit("not extracted")' },
    { name: 'cmake/data/bin/cmake', data: program, mode },
    { name: 'cmake/data/bin/ctest', data: 'not extracted', mode: 0o100755 },
    { name: 'cmake/data/share/cmake-4.4/Modules/CMake.cmake', data: '# module' },
    { name: 'cmake/data/share/cmake-4.4/Modules/Noise.cmake', data: randomFillSync(Buffer.alloc(noise)) },
    { name: 'cmake/data/share/cmake-4.4/Templates/TestDriver.cxx.in', data: '// template' },
    { name: 'cmake/data/share/cmake-4.4/Help/index.rst', data: 'not extracted' },
    { name: `${INFO}/METADATA`, data: 'Metadata-Version: 2.1\nName: cmake\nVersion: 4.4.3\n' },
    {
      name: `${INFO}/WHEEL`,
      data: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: py3-none-manylinux2014_x86_64\n',
    },
    ...extra,
  ];
  const record = members.map(({ name, data = '' }) => recordLine(name, data)).join('\n');
  return writeZip([...members, { name: `${INFO}/RECORD`, data: `${record}\n${INFO}/RECORD,,\n` }]);
}

export function cmakePinOf(wheel: Buffer, url = ''): Pin {
  return {
    kind: 'wheel',
    requirement: 'cmake==4.4.3',
    file: CMAKE_FILE,
    tags: { python: '3.11', implementation: 'py', abi: 'none', platform: 'manylinux2014_x86_64' },
    url,
    size: wheel.length,
    extractedSize: 0,
    sha256: createHash('sha256').update(wheel).digest('hex'),
    prefix: 'cmake/data/',
  };
}
